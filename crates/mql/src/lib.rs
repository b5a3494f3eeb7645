//! Message Query Language: the text of a rule to a checked, compiled program.
