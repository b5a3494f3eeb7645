//! Rules: any text is compiled or refused with a place in it, and what was compiled comes back for
//! a message of which nothing is known.

#![no_main]

use std::any::Any;
use std::collections::HashMap;

use clawback_detect::model::{LIBRARY, TENANT_LISTS, UNSUPPORTED_FIELDS};
use clawback_detect::pack::RuleFile;
use clawback_mql::{Compiler, Environment, Host, Library, Purpose, Set, Value};
use libfuzzer_sys::fuzz_target;

static MAIL: Library = LIBRARY;

struct Nothing;

impl Host for Nothing {
    fn message(&self) -> Value {
        Value::Null
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    let _ = RuleFile::read("a.yml", &text);
    let mut compiler = Compiler::new(Environment {
        library: &MAIL,
        lists: HashMap::from([("hosts".to_owned(), Set::new(["a.example", "b.example"]))]),
        tenant_lists: TENANT_LISTS,
        unsupported_fields: UNSUPPORTED_FIELDS,
    });
    match compiler.add(&text, Purpose::Show) {
        Ok(compiled) => {
            let rules = compiler.finish();
            let mut examination = rules.examine(&Nothing);
            let _ = examination.test(compiled.number);
            let _ = examination.explain(compiled.number);
        }
        Err(wrong) => {
            for one in wrong {
                assert!(one.span.start <= text.len(), "a place in the text");
                let _ = one.render(&text);
            }
        }
    }
});
