//! What an operator reads, with what differs from run to run made plain.

#![allow(dead_code, reason = "each test uses a part of it")]

use insta::Settings;
use insta::internals::SettingsBindDropGuard;

use crate::support::{Folder, Ran};

/// Snapshots of this test show `[FOLDER]`, `[TIME]` and the like for what differs from run to run.
pub(crate) fn settled(folder: &Folder) -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    let path = folder.path().canonicalize().expect("the folder");
    settings.add_filter(&path.to_string_lossy().replace('.', r"\."), "[FOLDER]");
    settings.add_filter(&folder.path().to_string_lossy().replace('.', r"\."), "[FOLDER]");
    for (pattern, instead) in [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "[TIME]"),
        (r"finished \d{4}-\d\d-\d\d \d\d:\d\d UTC", "finished [TIME]"),
        (r"until \w{3} \d{4}-\d\d-\d\d \d\d:\d\d", "until [TIME]"),
        (r"(requests?) in \d+(\.\d)? (s|min \d+ s)", "$1 in [DURATION]"),
        (r"(requests  \d+) in \d+ s", "$1 in [DURATION]"),
        (r" \(\d+\.\d/s\)", " ([RATE])"),
        (r"(digest {4}|Manifest: )[0-9a-f]{64}", "$1[DIGEST]"),
        (r"127\.0\.0\.1([:-])\d{5}", "127.0.0.1${1}[PORT]"),
        (r"\(os error \d+\)", "(os error [N])"),
        (r"process \d+", "process [ID]"),
        (r"\(\d s ago\)", "([AGE] ago)"),
    ] {
        settings.add_filter(pattern, instead);
    }
    settings.bind_to_scope()
}

/// Exit code, standard output and standard error, in this order, without what is empty.
pub(crate) fn told(ran: &Ran) -> String {
    let mut text = format!("exit code {}", ran.code);
    for (name, stream) in [("stdout", &ran.out), ("stderr", &ran.err)] {
        if !stream.is_empty() {
            text = format!("{text}\n--- {name}\n{}", stream.trim_end());
        }
    }
    text
}

/// Fails unless standard error is one sentence in the shape of all our errors: `error:` with what and where, and a `hint:` that
/// says what next.
#[track_caller]
pub(crate) fn assert_one_clear_sentence(ran: &Ran) {
    let lines: Vec<_> = ran.err.lines().collect();
    let [error, "", hint] = lines.as_slice() else { panic!("not an error and a hint:\n{}", told(ran)) };
    assert!(error.starts_with("error: ") && error.len() > 20, "{}", told(ran));
    assert!(hint.starts_with("hint: ") && hint.len() > 15, "{}", told(ran));
    assert!(!ran.err.contains('\x1b'), "no escape codes where nobody looks: {}", told(ran));
    assert!(!error.ends_with('.'), "{}", told(ran));
}
