//! An editor that says what it is told to say.

use crate::project;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any answer takes, also where other tests run beside.
const LIMIT: Duration = Duration::from_secs(120);

/// A session with the binary, in a folder that holds a checklist.
pub struct Client {
    server: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    folder: PathBuf,
    ids: i64,
    /// What came while something else was waited for.
    kept: Vec<Value>,
}

impl Client {
    /// Starts the server for a folder.
    pub fn new(folder: &Path) -> Self {
        let mut command = project::golive(100);
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = command.spawn().expect("the binary starts");
        let stdout = server.stdout.take().expect("stdout");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(message) = frame(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let stdin = server.stdin.take();
        Self { server, stdin, messages, folder: folder.to_owned(), ids: 0, kept: Vec::new() }
    }

    /// The same, with the first words said.
    pub fn greeted(folder: &Path, capabilities: &Value) -> (Self, Value) {
        let mut client = Self::new(folder);
        let params = json!({"processId": null, "rootUri": client.uri(""), "capabilities": capabilities});
        let hello = client.ask("initialize", &params);
        client.say("initialized", &json!({}));
        (client, hello["result"].clone())
    }

    /// The URI of a file of the folder.
    pub fn uri(&self, name: &str) -> String {
        let path = if name.is_empty() { self.folder.clone() } else { self.folder.join(name) };
        format!("file://{}", path.display())
    }

    /// The file's text.
    pub fn text(&self, name: &str) -> String {
        project::text(&self.folder.join(name))
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("stdin");
        stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush()).expect("the server reads");
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(&format!("Content-Length: {}\r\n\r\n{text}", text.len()));
    }

    /// A notification.
    pub fn say(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// A request, and its whole answer.
    pub fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.ids += 1;
        let id = self.ids;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.wait(&format!("the answer to {method}"), |message| message["id"] == id && message["method"].is_null())
    }

    /// A request about a place of an open file, and its result.
    pub fn ask_at(&mut self, method: &str, name: &str, text: &str, at: usize) -> Value {
        let before = &text[..at];
        let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
        let position = json!({"line": before.matches('\n').count(), "character": column});
        self.ask(method, &json!({"textDocument": {"uri": self.uri(name)}, "position": position}))["result"].clone()
    }

    /// Opens a file with a text.
    pub fn open(&mut self, name: &str, text: &str) {
        let document = json!({"uri": self.uri(name), "languageId": "rego", "version": 1, "text": text});
        self.say("textDocument/didOpen", &json!({"textDocument": document}));
    }

    /// Types: the file's whole text is another.
    pub fn change(&mut self, name: &str, version: i64, text: &str) {
        let document = json!({"uri": self.uri(name), "version": version});
        self.say("textDocument/didChange", &json!({"textDocument": document, "contentChanges": [{"text": text}]}));
    }

    /// The next diagnostics of a file, those of a version where one is named.
    pub fn diagnostics(&mut self, name: &str, version: Option<i64>) -> Vec<Value> {
        let uri = self.uri(name);
        let message = self.wait(&format!("diagnostics of {name}, version {version:?}"), |message| {
            let params = &message["params"];
            message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri.as_str()
                && (version.is_none() || params["version"].as_i64() == version)
        });
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// The first message that is one of these.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at);
        }
        loop {
            let left = LIMIT.saturating_sub(started.elapsed());
            match self.messages.recv_timeout(left) {
                Ok(message) if wanted(&message) => return message,
                Ok(message) => self.kept.push(message),
                Err(error) => {
                    let _ = self.server.kill();
                    let stderr = self.stderr();
                    panic!("{what}: {error}; kept: {:?}; stderr: {stderr}", self.kept);
                }
            }
        }
    }

    /// `shutdown` and `exit`, then the exit code and what stands on stderr.
    pub fn end(mut self) -> (Option<i32>, String) {
        assert_eq!(self.ask("shutdown", &Value::Null)["result"], Value::Null);
        self.say("exit", &Value::Null);
        self.leave()
    }

    /// Closes the stream: the exit code, and what stands on stderr.
    pub fn leave(mut self) -> (Option<i32>, String) {
        drop(self.stdin.take());
        let started = Instant::now();
        let code = loop {
            match self.server.try_wait().expect("a child to wait for") {
                Some(status) => break status.code(),
                None if started.elapsed() > LIMIT => {
                    self.server.kill().expect("a child to kill");
                    panic!("the server does not end");
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        (code, self.stderr())
    }

    fn stderr(&mut self) -> String {
        let mut out = String::new();
        if let Some(stderr) = self.server.stderr.as_mut() {
            stderr.read_to_string(&mut out).expect("stderr is UTF-8");
        }
        out
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A test that failed leaves no process behind.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn frame(stream: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().strip_prefix("Content-Length: ") {
            Some(text) => length = text.parse().ok()?,
            None if line.trim().is_empty() => break,
            None => {}
        }
    }
    let mut text = vec![0; length];
    stream.read_exact(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}
