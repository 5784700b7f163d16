//! Names from the account on our screens.

/// A name that somebody gave in Gorgias, fit for a screen and a report; `None` where nothing is left of it.
///
/// Control characters are left out, and so is a name that holds an address: reports hold none, and the URL of a
/// webhook is a secret.
pub(super) fn label(name: &str) -> Option<String> {
    let plain = name.replace(char::is_control, " ");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_address = plain.contains('@') || plain.contains("://");
    let short = plain.chars().take(60).collect::<String>();
    (!short.is_empty() && !is_address).then_some(short)
}
