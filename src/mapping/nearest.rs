//! The nearest valid name to a mistyped one.

/// The label under a mistyped `word`: the nearest of `names`, if one is near.
pub(crate) fn did_you_mean<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    nearest(word, names).map(|name| format!("did you mean `{name}`?"))
}

/// The list of valid names, as a hint.
pub(crate) fn valid<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<_> = names.into_iter().collect();
    (!names.is_empty()).then(|| format!("valid: {}", names.join(", ")))
}

/// Whether two names differ in case, spaces and signs at most: `Sent Datetime` and `sent_datetime`.
pub(crate) fn is_same_but_for_spelling(name: &str, other: &str) -> bool {
    let letters = |name: &str| name.to_lowercase().replace(|sign: char| !sign.is_alphanumeric(), "");
    letters(name) == letters(other)
}

/// The nearest of `names`, if one is near.
pub(crate) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_lowercase();
    // A third of the letters may differ: enough for typing errors, too little for another word.
    let most = (word.chars().count() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&word, &name.to_lowercase()), name))
        .filter(|&(distance, _)| distance <= most)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Typing errors between two words; `-`, `_` and space count as the same, and a word that begins the other is near.
fn distance(word: &str, name: &str) -> usize {
    let word = word.replace(['-', ' '], "_");
    let name = name.replace(['-', ' '], "_");
    if word.len() >= 3 && (name.starts_with(&word) || word.starts_with(&name)) {
        return 1;
    }
    strsim::damerau_levenshtein(&word, &name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typing_errors_find_their_word_and_other_words_find_none() {
        let names = ["trim", "lowercase", "datetime"];
        assert_eq!(nearest("lowercse", names), Some("lowercase"));
        assert_eq!(nearest("Date", names), Some("datetime"));
        assert_eq!(nearest("slugify", names), None);
    }
}
