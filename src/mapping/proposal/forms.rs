//! Times as people and spreadsheets write them, and the forms by which `time_format` reads them.

use jiff::fmt::strtime;

/// The forms that are tried; of two that read the same text, the commoner one first.
const FORMS: [&str; 24] = [
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y, %H:%M",
    "%d.%m.%Y, %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y, %H:%M",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y, %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y, %I:%M %p",
    "%m/%d/%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
];

/// Some of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forms(u32);

impl Forms {
    /// Those by which `text` can be read; none where it is no such time.
    pub(super) fn of(text: &str) -> Option<Self> {
        let may_be = text.len() <= 24 && text.starts_with(|sign: char| sign.is_ascii_digit());
        if !may_be || !text.contains(['.', '/', '-']) {
            return None;
        }
        let bits = (0..).zip(FORMS).filter(|(_, form)| reads(form, text)).fold(0, |bits, (bit, _)| bits | 1 << bit);
        (bits != 0).then_some(Self(bits))
    }

    /// Those that are in both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them.
    pub(super) fn each(self) -> impl Iterator<Item = &'static str> {
        (0..).zip(FORMS).filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, form)| form)
    }
}

fn reads(form: &str, text: &str) -> bool {
    let Ok(parts) = strtime::parse(form, text) else { return false };
    // A year of two digits is no year of the first century.
    parts.to_date().is_ok_and(|day| (1970..2100).contains(&day.year()))
}

#[cfg(test)]
mod tests {
    use super::Forms;

    fn forms(text: &str) -> Vec<&'static str> {
        Forms::of(text).map(|forms| forms.each().collect()).unwrap_or_default()
    }

    #[test]
    fn a_written_time_is_told_by_its_forms() {
        assert_eq!(forms("01.03.2024 10:00"), ["%d.%m.%Y %H:%M"]);
        assert_eq!(forms("1.3.24 9:05"), ["%d.%m.%y %H:%M"]);
        assert_eq!(forms("03/01/2024 10:00"), ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]);
        assert_eq!(forms("03/31/2024 10:00 PM"), ["%m/%d/%Y %I:%M %p"]);
        assert_eq!(forms("2024/03/31 10:00"), ["%Y/%m/%d %H:%M"]);
        for text in ["1.2.3", "12-34", "2024", "a.b", "1/2", "99.99.2024 10:00"] {
            assert_eq!(forms(text), Vec::<&str>::new(), "{text}");
        }
    }
}
