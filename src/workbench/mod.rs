//! For editors of policies.
