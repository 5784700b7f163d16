//! The people that messages are from and to.
//!
//! An email that nobody has yet may create a person in the real account, which a migration must not do unasked. So it
//! does here, and it is counted.

use std::collections::HashMap;

use serde_json::{Value, json};

/// Ids from here on belong to people that an update created.
const FIRST_CREATED: u64 = 1_000_000_000_000;

#[derive(Debug, Default)]
pub(super) struct People {
    ids: HashMap<String, u64>,
    emails: HashMap<u64, String>,
    created: u64,
}

impl People {
    /// Makes a person known.
    pub(super) fn know(&mut self, id: u64, email: &str) {
        self.ids.entry(email.to_owned()).or_insert(id);
        self.emails.entry(id).or_insert_with(|| email.to_owned());
    }

    /// Makes a person known who is shown with both id and email.
    pub(super) fn know_shown(&mut self, person: &Value) {
        if let (Some(id), Some(email)) = (person["id"].as_u64(), person["email"].as_str()) {
            self.know(id, email);
        }
    }

    /// The person that `{id?, email?}` means, as `{id, email}`. The id counts where both are given; an email that
    /// nobody has creates a person.
    pub(super) fn resolve(&mut self, given: &Value) -> Value {
        let email = given.get("email").and_then(Value::as_str);
        if let Some(id) = given.get("id").and_then(Value::as_u64) {
            if let Some(email) = email {
                self.know(id, email);
            }
            return json!({"id": id, "email": self.emails.get(&id)});
        }
        let Some(email) = email else { return Value::Null };
        let id = self.ids.get(email).copied().unwrap_or_else(|| {
            let id = FIRST_CREATED + self.created;
            self.created += 1;
            self.know(id, email);
            id
        });
        json!({"id": id, "email": email})
    }

    /// How many people updates have created.
    pub(super) fn created(&self) -> u64 {
        self.created
    }
}

/// A person as an answer shows them: what is held, and every other property, empty.
pub(super) fn show(held: &Value) -> Value {
    let Value::Object(held) = held else { return Value::Null };
    let mut shown = json!({
        "id": null, "email": null, "name": null, "firstname": null, "lastname": null, "meta": null,
    });
    if let Value::Object(shown) = &mut shown {
        shown.extend(held.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    shown
}
