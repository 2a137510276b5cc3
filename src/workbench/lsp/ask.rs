//! What editors ask about a place in an open file.

use super::complete::complete;
use super::control_of;
use super::hover::hover;
use super::lens::lens;
use super::mend::mend;
use super::place::Encoding;
use super::server::Server;
use super::spot::Spot;
use lsp_server::ErrorCode;
use lsp_types::{CodeActionKind, CodeActionOptions, CodeActionProviderCapability, Diagnostic};
use lsp_types::{CodeLens, CodeLensOptions, CompletionOptions, HoverProviderCapability, Position, ServerCapabilities};
use lsp_types::{TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions};
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
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![".".to_owned(), "\"".to_owned()]),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        ..ServerCapabilities::default()
    }
}

impl Server {
    /// The answer to a question about a document.
    pub(super) fn question(&mut self, method: &str, params: &Value) -> Result<Value, Refusal> {
        match method {
            "textDocument/completion" => reply(&self.at(params, complete)?.unwrap_or_default()),
            "textDocument/hover" => reply(&self.at(params, hover)?.flatten()),
            "textDocument/codeAction" => self.mended(params),
            "textDocument/codeLens" => reply(&self.lenses(params)?),
            _ => Err((ErrorCode::MethodNotFound, format!("golive does not know `{method}`"))),
        }
    }

    /// What is known of a place in a policy; none where there is no such policy.
    fn at<T>(&mut self, params: &Value, know: impl FnOnce(&Spot<'_>) -> T) -> Result<Option<T>, Refusal> {
        let uri = uri(params)?;
        let place: Position = serde_json::from_value(params["position"].clone()).map_err(|e| (ErrorCode::InvalidParams, e.to_string()))?;
        let Some(document) = self.documents.get(uri) else { return Ok(None) };
        let Some((folder, name)) = &document.home else { return Ok(None) };
        let Some(project) = self.projects.get_mut(folder) else { return Ok(None) };
        let at = self.encoding.offset(&document.text, place);
        let files = project.files(self.disk.as_ref());
        Ok(Spot::new(&files, &self.collectors, name, at, self.encoding).map(|spot| know(&spot)))
    }

    fn mended(&self, params: &Value) -> Result<Value, Refusal> {
        let uri = uri(params)?;
        let diagnostics: Vec<Diagnostic> = params["context"]["diagnostics"].as_array().map_or_else(Vec::new, |all| {
            // What another server found may be of another form.
            all.iter().filter_map(|one| serde_json::from_value(one.clone()).ok()).collect()
        });
        let document = self.documents.get(uri).filter(|document| document.home.is_some());
        Ok(document.map_or_else(|| Value::Array(Vec::new()), |document| mend(uri, &document.text, self.encoding, &diagnostics)))
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

fn uri(params: &Value) -> Result<&str, Refusal> {
    params["textDocument"]["uri"].as_str().ok_or_else(|| (ErrorCode::InvalidParams, "a document is wanted".to_owned()))
}

fn reply<T: Serialize>(value: &T) -> Result<Value, Refusal> {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}
