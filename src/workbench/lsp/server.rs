//! The server as a function of messages: each message gives messages, and what takes longer is done between them.

use super::atlas::Collectors;
use super::diagnostics::Telling;
use super::place::{Encoding, parsed, path_of};
use super::project::{Disk, Pending, Project};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{Diagnostic, PublishDiagnosticsParams};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A language server for checklists.
pub struct Server {
    pub(super) disk: Box<dyn Disk>,
    pub(super) collectors: Collectors,
    pub(super) encoding: Encoding,
    pub(super) documents: BTreeMap<String, Document>,
    pub(super) projects: BTreeMap<PathBuf, Project>,
    /// What the editor shows, by URI.
    shown: BTreeMap<String, (Option<i32>, Vec<Diagnostic>)>,
    phase: Phase,
    wishes: Wishes,
    requests: i32,
}

/// A file that the editor has open.
pub(super) struct Document {
    pub path: PathBuf,
    pub text: String,
    pub version: Option<i32>,
    /// The folder of its checklist, and its name in there.
    pub home: Option<(PathBuf, String)>,
}

/// Where the conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Strangers,
    Working,
    Closing,
    /// Over; true where the editor said so before.
    Over(bool),
}

/// What the editor can do for us.
#[derive(Debug, Clone, Copy, Default)]
struct Wishes {
    watching: bool,
    lenses: bool,
}

impl Server {
    /// A server that knows nothing yet but where checklists come from, and who collects facts.
    pub fn new(disk: Box<dyn Disk>, collectors: Collectors) -> Self {
        Self {
            disk,
            collectors,
            encoding: Encoding::Utf16,
            documents: BTreeMap::new(),
            projects: BTreeMap::new(),
            shown: BTreeMap::new(),
            phase: Phase::Strangers,
            wishes: Wishes::default(),
            requests: 0,
        }
    }

    /// Whether the conversation is over, and then whether the editor ended it in order.
    pub fn over(&self) -> Option<bool> {
        match self.phase {
            Phase::Over(in_order) => Some(in_order),
            _ => None,
        }
    }

    /// What a message is answered with.
    pub fn receive(&mut self, message: Message) -> Vec<Message> {
        match message {
            Message::Request(request) => {
                let id = request.id.clone();
                vec![answer(id, self.request(request))]
            }
            Message::Notification(notification) => self.notice(&notification.method, &notification.params),
            Message::Response(_) => Vec::new(),
        }
    }

    fn request(&mut self, request: Request) -> Result<Value, (ErrorCode, String)> {
        let Request { method, params, .. } = request;
        match (self.phase, method.as_str()) {
            (Phase::Strangers, "initialize") => Ok(self.initialize(&params)),
            (Phase::Strangers, _) => Err((ErrorCode::ServerNotInitialized, "the server waits for `initialize`".to_owned())),
            (Phase::Working, "shutdown") => {
                self.phase = Phase::Closing;
                Ok(Value::Null)
            }
            (Phase::Working, "initialize") => Err((ErrorCode::InvalidRequest, "the server is initialized".to_owned())),
            (Phase::Working, _) => self.question(&method, &params),
            (Phase::Closing | Phase::Over(_), _) => Err((ErrorCode::InvalidRequest, "the server shuts down".to_owned())),
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let able = &params["capabilities"];
        let words = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let offered = words(&able["general"]["positionEncodings"]);
        self.encoding = Encoding::of(&offered.iter().map(String::as_str).collect::<Vec<_>>());
        self.wishes = Wishes {
            watching: able["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"] == true,
            lenses: able["workspace"]["codeLens"]["refreshSupport"] == true,
        };
        let folders = params["workspaceFolders"].as_array().into_iter().flatten().map(|folder| &folder["uri"]);
        let roots: Vec<PathBuf> = folders.chain([&params["rootUri"]]).filter_map(|uri| path_of(uri.as_str()?)).collect();
        for root in roots {
            self.home(&root);
        }
        self.phase = Phase::Working;
        json!({
            "capabilities": super::ask::capabilities(self.encoding),
            "serverInfo": {"name": "golive", "version": env!("CARGO_PKG_VERSION")},
        })
    }

    /// The checklist that a path is in, known from now on.
    fn home(&mut self, path: &Path) -> Option<(PathBuf, String)> {
        let folder = self.disk.find(path)?;
        let project = self.projects.entry(folder.clone()).or_insert_with(|| Project::new(folder.clone()));
        Some((folder, project.name_of(path)?))
    }

    fn notice(&mut self, method: &str, params: &Value) -> Vec<Message> {
        match (self.phase, method) {
            (phase, "exit") => {
                self.phase = Phase::Over(phase == Phase::Closing);
                Vec::new()
            }
            (Phase::Working, "initialized") => self.watch(),
            (Phase::Working, "textDocument/didOpen") => self.opened(&params["textDocument"]),
            (Phase::Working, "textDocument/didChange") => self.changed(params),
            (Phase::Working, "textDocument/didClose") => self.closed(params),
            (Phase::Working, "textDocument/didSave" | "workspace/didChangeWatchedFiles") => {
                self.refresh();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Files have changed: what was read of them counts no more, and a checklist may have come to be.
    fn refresh(&mut self) {
        self.projects.values_mut().for_each(Project::forget);
        let homeless = self.documents.iter().filter(|(_, document)| document.home.is_none());
        let homeless: Vec<(String, PathBuf)> = homeless.map(|(uri, document)| (uri.clone(), document.path.clone())).collect();
        for (uri, path) in homeless {
            let home = self.home(&path);
            if let Some(document) = self.documents.get_mut(&uri) {
                document.home = home;
            }
            self.lay(&uri);
        }
    }

    /// Asks the editor to tell of files that change beside it.
    fn watch(&mut self) -> Vec<Message> {
        if !self.wishes.watching {
            return Vec::new();
        }
        let watchers = json!([{"globPattern": "**/*.rego"}, {"globPattern": "**/*.json"}]);
        let options = json!({"watchers": watchers});
        let registration = json!({"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": options});
        vec![self.ask("client/registerCapability", json!({"registrations": [registration]}))]
    }

    fn ask(&mut self, method: &str, params: Value) -> Message {
        self.requests += 1;
        Request { id: RequestId::from(self.requests), method: method.to_owned(), params }.into()
    }

    fn opened(&mut self, document: &Value) -> Vec<Message> {
        let (Some(uri), Some(text)) = (document["uri"].as_str(), document["text"].as_str()) else { return Vec::new() };
        let Some(path) = path_of(uri) else { return Vec::new() };
        let home = self.home(&path);
        let document = Document { path, text: text.to_owned(), version: version(document), home };
        self.documents.insert(uri.to_owned(), document);
        self.lay(uri);
        Vec::new()
    }

    fn changed(&mut self, params: &Value) -> Vec<Message> {
        let Some(uri) = params["textDocument"]["uri"].as_str() else { return Vec::new() };
        let Some(document) = self.documents.get_mut(uri) else { return Vec::new() };
        for change in params["contentChanges"].as_array().into_iter().flatten() {
            let Some(text) = change["text"].as_str() else { continue };
            // Whole texts are what was agreed; a part is taken, too, as some editors send it all the same.
            match serde_json::from_value::<lsp_types::Range>(change["range"].clone()) {
                Ok(range) => {
                    let [start, end] = [range.start, range.end].map(|place| self.encoding.offset(&document.text, place));
                    document.text.replace_range(start..end.max(start), text);
                }
                Err(_) => text.clone_into(&mut document.text),
            }
        }
        document.version = version(&params["textDocument"]);
        self.lay(uri);
        Vec::new()
    }

    fn closed(&mut self, params: &Value) -> Vec<Message> {
        let Some(uri) = params["textDocument"]["uri"].as_str() else { return Vec::new() };
        let Some(document) = self.documents.remove(uri) else { return Vec::new() };
        if let Some((folder, name)) = document.home
            && let Some(project) = self.projects.get_mut(&folder)
        {
            project.lay(&name, None);
            project.forget();
        }
        Vec::new()
    }

    /// Lays an open file's text over the one on disk.
    fn lay(&mut self, uri: &str) {
        let Some(document) = self.documents.get(uri) else { return };
        if let Some((folder, name)) = &document.home
            && let Some(project) = self.projects.get_mut(folder)
        {
            project.lay(name, Some(&document.text));
        }
    }

    /// Whether something is left to be found out.
    pub fn is_busy(&self) -> bool {
        self.phase == Phase::Working && self.projects.values().any(|project| project.pending().is_some())
    }

    /// Finds out the next thing, and tells it.
    pub fn work(&mut self) -> Vec<Message> {
        let next = self.projects.values().filter_map(|project| Some((project.pending()?, project.folder().to_owned()))).min();
        let Some((pending, folder)) = next else { return Vec::new() };
        let Some(project) = self.projects.get_mut(&folder) else { return Vec::new() };
        let view = project.tell(pending, self.disk.as_ref());
        let open = |path: &Path| self.documents.iter().find(|(_, document)| document.path == path).map(|(uri, _)| uri.clone());
        let found = Telling { encoding: self.encoding, folder: &folder, open: &open }.diagnostics(&view.problems);
        let mut out = self.show(&folder, found);
        if pending == Pending::Fixtures && self.wishes.lenses {
            out.push(self.ask("workspace/codeLens/refresh", Value::Null));
        }
        out
    }

    /// What must be shown anew: files with other problems than before, and open ones of another version.
    fn show(&mut self, folder: &Path, mut found: BTreeMap<String, Vec<Diagnostic>>) -> Vec<Message> {
        let own = |uri: &String| path_of(uri).is_some_and(|path| path.starts_with(folder));
        let open = self.documents.iter().filter(|(_, document)| document.home.as_ref().is_some_and(|(home, _)| home == folder));
        for uri in self.shown.keys().filter(|uri| own(uri)).chain(open.map(|(uri, _)| uri)) {
            found.entry(uri.clone()).or_default();
        }
        let mut out = Vec::new();
        for (uri, diagnostics) in found {
            let version = self.documents.get(&uri).and_then(|document| document.version);
            let now = (version, diagnostics);
            if self.shown.get(&uri) == Some(&now) {
                continue;
            }
            out.extend(publish(&uri, now.1.clone(), version));
            self.shown.insert(uri, now);
        }
        // What is closed and has no problem is not remembered.
        self.shown.retain(|uri, (_, diagnostics)| !diagnostics.is_empty() || self.documents.contains_key(uri));
        out
    }
}

fn version(document: &Value) -> Option<i32> {
    document["version"].as_i64().and_then(|version| i32::try_from(version).ok())
}

fn publish(uri: &str, diagnostics: Vec<Diagnostic>, version: Option<i32>) -> Option<Message> {
    let params = PublishDiagnosticsParams { uri: parsed(uri)?, diagnostics, version };
    let params = serde_json::to_value(params).ok()?;
    Some(Notification { method: "textDocument/publishDiagnostics".to_owned(), params }.into())
}

fn answer(id: RequestId, result: Result<Value, (ErrorCode, String)>) -> Message {
    match result {
        Ok(value) => Response::new_ok(id, value).into(),
        Err((code, words)) => Response::new_err(id, code as i32, words).into(),
    }
}
