//! From files to a checklist that is ready to judge, or to everything that is wrong with it.

use super::files::Files;
use super::parameters::{self, Parameters};
use super::policies::{Policies, policies};
use super::reading::Reading;
use super::{checked, digest};
use crate::model::{self, ControlText};
use crate::rego::checks::unused_functions;
use crate::rego::{Engine, Limits, Reads};
use crate::schema::Schema;
use crate::text::{Document, Problem};
use std::collections::BTreeMap;

/// A checklist that passed every check.
pub struct Checklist {
    /// What a decision says of it.
    pub about: model::Checklist,
    /// Its controls in order.
    pub controls: Vec<Control>,
    /// The schema of each group of facts.
    pub groups: BTreeMap<String, Schema>,
    /// The parameters in force.
    pub parameters: Parameters,
    /// Its policies.
    pub engine: Engine,
    /// What one control may use.
    pub limits: Limits,
    pub(super) reading: Reading,
}

/// One control.
#[derive(Debug, Clone)]
pub struct Control {
    /// What METADATA says.
    pub text: ControlText,
}

/// Why a checklist was not loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The checklist is refused.
    Checklist(Vec<Problem>),
    /// The given parameters are refused.
    Parameters(Vec<Problem>),
}

impl Checklist {
    /// A control by its id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|c| c.text.id == id)
    }

    /// What every control's policy reads, and the gate's.
    pub fn all_reads(&self) -> impl Iterator<Item = &Reads> {
        self.reading.all(&self.groups, || self.engine.modules()).values()
    }

    /// The schema of the parameters.
    pub fn parameter_schema(&self) -> &Schema {
        &self.reading.parameters
    }

    /// Warnings for shared functions that no policy calls.
    pub fn unused_functions(&self) -> Vec<Problem> {
        let modules = self.engine.modules();
        unused_functions(&self.reading.context(&modules, &self.groups))
    }

    /// What a control's policy reads.
    pub fn reads(&self, control: &Control) -> &Reads {
        self.reading.of(&control.text.id, &self.groups, || self.engine.modules())
    }
}

/// Loads a checklist for one environment; `overlay` holds parameters that replace its defaults.
///
/// # Errors
/// All problems of the checklist, or all problems of the overlay.
pub fn load(files: &Files, overlay: Option<&Document>, environment: &str, limits: Limits) -> Result<Checklist, LoadError> {
    load_for(files, overlay, environment, limits, &|_| true)
}

/// Loads a checklist of which one file was changed since it passed every check: the checks of a control's policy are made for
/// those that the change could make a difference to, and for no other may the checklist be asked.
///
/// # Errors
/// As [`load`], as far as it was looked.
pub fn load_for(
    files: &Files,
    overlay: Option<&Document>,
    environment: &str,
    limits: Limits,
    concerned: &dyn Fn(&str) -> bool,
) -> Result<Checklist, LoadError> {
    let digest = digest::digest(files);
    let Policies { manifest, parsed, controls, groups, reading, defaults, alone } =
        policies(files, environment, checked::holds(files, &digest), concerned).map_err(LoadError::Checklist)?;
    let names: Vec<&str> = groups.keys().map(String::as_str).collect();
    let parameters = match overlay {
        Some(overlay) => {
            parameters::merge(&reading.parameters, &names, &defaults, Some(overlay), environment).map_err(LoadError::Parameters)?
        }
        None => alone,
    };
    let engine = Engine::new(parsed, &parameters.value, limits)
        .map_err(|e| LoadError::Checklist(vec![Problem::new("golive::checklist::engine", e.to_string())]))?;
    let about = model::Checklist {
        id: manifest.id,
        title: manifest.title,
        version: manifest.version,
        origin: files.origin.clone(),
        digest,
        controls: controls.len(),
        parameters: parameters.changes.clone(),
    };
    let controls = controls.into_iter().map(|text| Control { text }).collect();
    Ok(Checklist { about, controls, groups, parameters, engine, limits, reading })
}
