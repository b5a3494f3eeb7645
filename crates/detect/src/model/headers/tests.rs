//! Header sections by example.
