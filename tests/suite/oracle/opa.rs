//! OPA itself, as a shared library with a C interface.

#![expect(unsafe_code, reason = "the functions of a C library are called here, and nowhere else")]

use libloading::Library;
use serde_json::Value;
use std::ffi::{CStr, CString, c_char, c_int};
use std::path::Path;

type New = unsafe extern "C" fn() -> u64;
type Put = unsafe extern "C" fn(u64, *const c_char, *const c_char) -> *mut c_char;
type Eval = unsafe extern "C" fn(u64, *const c_char, *const c_char, c_int, c_int) -> *mut c_char;
type Free = unsafe extern "C" fn(*mut c_char);

/// The library's functions.
#[derive(Clone, Copy)]
pub struct Bridge {
    new: New,
    add_policy: Put,
    add_data: Put,
    eval: Eval,
    free: Free,
}

/// Policies and data in OPA.
pub struct Opa {
    bridge: Bridge,
    handle: u64,
}

impl Bridge {
    /// Loads the library and has it answer one question whose answer is known.
    pub fn load(path: &Path) -> Self {
        let bridge = Self::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let opa = Opa::new(bridge);
        opa.policy("known.rego", "package known\n\nsum := data.parameters.x + input.y\n\nwrong if input.y > 2\n");
        opa.parameters(&serde_json::json!({ "x": 1 }));
        let input = serde_json::json!({ "y": 2 });
        assert_eq!(opa.rule("known.sum", &input), Ok(Some(3.into())), "OPA does not know that 1 + 2 = 3");
        assert_eq!(opa.rule("known.wrong", &input), Ok(None), "what is undefined has no value");
        bridge
    }

    fn open(path: &Path) -> Result<Self, libloading::Error> {
        // SAFETY: the file is OPA's bridge, whose functions have these types (its header, and engine.md of the project).
        // It carries the runtime of Go, which cannot be unloaded: the library is leaked, so that its functions stay.
        unsafe {
            let library: &'static Library = Box::leak(Box::new(Library::new(path)?));
            Ok(Self {
                new: *library.get::<New>(b"OpaNew\0")?,
                add_policy: *library.get::<Put>(b"OpaAddPolicy\0")?,
                add_data: *library.get::<Put>(b"OpaAddData\0")?,
                eval: *library.get::<Eval>(b"OpaEvalDocument\0")?,
                free: *library.get::<Free>(b"OpaFreeString\0")?,
            })
        }
    }

    /// Takes over one answer.
    fn words(self, text: *mut c_char) -> String {
        assert!(!text.is_null(), "OPA gave no answer");
        // SAFETY: the bridge answers with a C string that is the caller's until it is given back, which happens once, here.
        unsafe {
            let words = CStr::from_ptr(text).to_string_lossy().into_owned();
            (self.free)(text);
            words
        }
    }
}

impl Opa {
    /// An empty one.
    pub fn new(bridge: Bridge) -> Self {
        // SAFETY: the function takes nothing and gives a handle.
        Self { bridge, handle: unsafe { (bridge.new)() } }
    }

    /// Adds a policy; one that OPA refuses is a failure of the test.
    pub fn policy(&self, name: &str, source: &str) {
        let taken = self.put(self.bridge.add_policy, name, source);
        assert!(taken.is_ok(), "OPA refuses {name}: {taken:?}");
    }

    /// Sets `data.parameters`.
    pub fn parameters(&self, value: &Value) {
        self.data("parameters", value);
    }

    /// Sets `data.<name>`.
    pub fn data(&self, name: &str, value: &Value) {
        // A leading slash would be answered with `true`, and the data would be nowhere.
        let taken = self.put(self.bridge.add_data, name, &value.to_string());
        assert!(taken.is_ok(), "OPA refuses data.{name}: {taken:?}");
    }

    fn put(&self, function: Put, name: &str, text: &str) -> Result<Value, String> {
        let (name, text) = (c_string(name), c_string(text));
        // SAFETY: both strings live until the call returns; the handle is of this bridge.
        result(&self.bridge.words(unsafe { function(self.handle, name.as_ptr(), text.as_ptr()) }))
    }

    /// The value of a rule (`golive.controls.….met`, with dots); none where it is undefined.
    pub fn rule(&self, path: &str, input: &Value) -> Result<Option<Value>, String> {
        Self::value(&self.ask(&c_string(path), &c_string(&input.to_string())))
    }

    /// Everything that it answers about a rule, as text.
    pub fn ask(&self, path: &CStr, input: &CStr) -> String {
        // SAFETY: as above; neither coverage nor a trace is asked for.
        self.bridge.words(unsafe { (self.bridge.eval)(self.handle, path.as_ptr(), input.as_ptr(), 0, 0) })
    }

    /// The rule's value out of such a text.
    pub fn value(answer: &str) -> Result<Option<Value>, String> {
        let mut result = result(answer)?;
        Ok(result.get_mut(0).map(|first| first["expressions"][0]["value"].take()))
    }
}

/// An answer's result, or the error in words.
fn result(words: &str) -> Result<Value, String> {
    let mut envelope: Value = serde_json::from_str(words).unwrap_or_else(|e| panic!("OPA answered {words}: {e}"));
    match envelope["error"].take() {
        Value::Null => Ok(envelope["result"].take()),
        error => Err(format!("{}: {}", error["code"], error["message"])),
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text).expect("no NUL in a text")
}
