//! What might reach a customer.

use super::{Check, CheckName, MailRisk};
use crate::record::count;

pub(super) fn check(risk: MailRisk) -> Check {
    let blocked = match risk.blocked {
        0 => "no message is blocked because Gorgias might mail it".to_owned(),
        1 => "1 message is blocked because Gorgias might mail it".to_owned(),
        more => format!("{} are blocked because Gorgias might mail them", count(more, "message")),
    };
    match risk.unsent {
        None => Check::ok(CheckName::Mail, blocked),
        Some(0) => Check::ok(CheckName::Mail, format!("no target is an unsent answer; {blocked}")),
        Some(unsent) => {
            let are = if unsent == 1 { "target is an answer" } else { "targets are answers" };
            Check::warning(
                CheckName::Mail,
                format!("{} {are} that Gorgias has not sent; {blocked}", crate::record::grouped(unsent)),
                "look at some of them in Gorgias first: what was sent long ago should not wait there to be sent",
            )
        }
    }
}
