//! Where the members of an object stand in a tree: a function of its schema, so that readers and policies agree.

use super::shape::{Kind, LeafKind, Shape};
use crate::tree::Keys;

impl Shape {
    /// The keys of a record that holds an object of this shape: the properties of all its alternatives, and `<name>_ms`
    /// beside each that may be a time or a duration. None where no alternative is an object.
    pub fn keys(&self) -> Option<Keys> {
        let mut names = Vec::new();
        let mut objects = 0;
        for shape in self.alternatives() {
            let Kind::Object(properties) = &shape.kind else { continue };
            objects += 1;
            for (name, property) in properties {
                names.push(name.clone());
                if property.is_timed() {
                    names.push(millis_key(name));
                }
            }
        }
        (objects > 0).then(|| Keys::new(names.iter().map(String::as_str)))
    }

    /// The shape itself, or the alternatives of a choice, those of nested choices in their place.
    pub fn alternatives(&self) -> Vec<&Shape> {
        match &self.kind {
            Kind::Choice(shapes) => shapes.iter().flat_map(Shape::alternatives).collect(),
            _ => vec![self],
        }
    }

    /// Whether a value of this shape may be a time or a duration.
    pub fn is_timed(&self) -> bool {
        self.alternatives().iter().any(|s| matches!(s.kind, Kind::Leaf(LeafKind::Time | LeafKind::Duration)))
    }
}

/// The name of the integer beside a time or a duration.
pub fn millis_key(name: &str) -> String {
    format!("{name}_ms")
}
