//! What editors ask about a place in an open file.

use super::lens::lens;
use super::place::Encoding;
use super::server::Server;
use crate::checklist::Files;
use lsp_server::ErrorCode;
use lsp_types::{CodeLens, CodeLensOptions, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind};
use lsp_types::{TextDocumentSyncOptions, TextDocumentSyncSaveOptions};
use serde::Serialize;
use serde_json::Value;

/// An error of the protocol: its code, and words.
pub(super) type Refusal = (ErrorCode, String);

/// What the server can do.
pub(super) fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::FULL),
        save: Some(TextDocumentSyncSaveOptions::Supported(true)),
        ..TextDocumentSyncOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        ..ServerCapabilities::default()
    }
}

impl Server {
    /// The answer to a question about a document.
    pub(super) fn question(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        match method {
            "textDocument/codeLens" => reply(&self.lenses(&params)?),
            _ => Err((ErrorCode::MethodNotFound, format!("golive does not know `{method}`"))),
        }
    }

    fn lenses(&mut self, params: &Value) -> Result<Vec<CodeLens>, Refusal> {
        let uri = uri(params)?;
        let Some(document) = self.documents.get(uri) else { return Ok(Vec::new()) };
        let Some((folder, name)) = &document.home else { return Ok(Vec::new()) };
        let (Some(control), Some(project)) = (control_of(name), self.projects.get_mut(folder)) else { return Ok(Vec::new()) };
        let view = project.look_closely(self.disk.as_ref());
        Ok(lens(view, &control, &document.text, self.encoding).into_iter().collect())
    }
}

/// The control whose policy a file is.
fn control_of(name: &str) -> Option<String> {
    let inside = name.strip_prefix("policies/controls/")?.strip_suffix(".rego")?;
    (!Files::is_test(name)).then(|| inside.replacen('/', ".", 1))
}

fn uri(params: &Value) -> Result<&str, Refusal> {
    params["textDocument"]["uri"].as_str().ok_or_else(|| (ErrorCode::InvalidParams, "a document is wanted".to_owned()))
}

fn reply<T: Serialize>(value: &T) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
