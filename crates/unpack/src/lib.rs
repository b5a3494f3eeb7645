//! What is inside a file: archives, documents, pages, pictures.
//!
//! Octets in, values out. It promises to come back for any octets within named limits; reaching
//! one is told as a value. It does no I/O and knows no rule language.
