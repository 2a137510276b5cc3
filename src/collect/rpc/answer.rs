//! What an answer says of authentication.

use super::Protocol;
use super::grpc::Reply;
use crate::text::visible;
use serde_json::{Value, json};

/// What an answer says of authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Refused for want of authentication, in so many words.
    Rejected,
    /// Served.
    Accepted,
    /// Neither.
    Inconclusive,
    /// It was not asked.
    NotRun,
}

impl Said {
    /// Its word in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Inconclusive => "inconclusive",
            Self::NotRun => "not_run",
        }
    }

    /// Only a refusal for want of authentication is a rejection: what is throttled, unknown, moved or broken says nothing of it.
    pub fn of(protocol: Protocol, reply: Result<&Reply, &String>) -> Self {
        let Ok(reply) = reply else { return Self::Inconclusive };
        match (protocol, reply.http, reply.status) {
            // A proxy in front of gRPC may refuse in words of HTTP.
            (_, 401 | 403, _) | (Protocol::Grpc, _, Some(UNAUTHENTICATED | PERMISSION_DENIED)) => Self::Rejected,
            (Protocol::Http, 200..=299, _) | (Protocol::Grpc, _, Some(0)) => Self::Accepted,
            _ => Self::Inconclusive,
        }
    }
}

const UNAUTHENTICATED: u32 = 16;
const PERMISSION_DENIED: u32 = 7;

/// An answer as evidence. What the other side says in words is left out where it might repeat a token.
pub fn shown(reply: &Result<Reply, String>, with_words: bool) -> Value {
    match reply {
        Err(why) => json!({ "no_answer": why }),
        Ok(reply) => {
            let words: String = if with_words { visible(&reply.message).chars().take(200).collect() } else { String::new() };
            json!({ "http_status": reply.http, "grpc_status": reply.status, "grpc_message": words })
        }
    }
}
