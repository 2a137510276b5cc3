//! Waivers and remediations: which are refused, which are inert, which hold; and the commands that write and list them.

mod commands;
mod table;
