//! Reads TSV lines (kind, region, value) from standard input and prints each canonical form, `-` where there is none:
//! the Rust side of `tests/oracle`.

use golden_record_core::kind::Kind;
use golden_record_core::normalise::{self, Context};
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut fields = line.splitn(3, '\t');
        let (kind, region, value) = (fields.next(), fields.next(), fields.next());
        let (Some(kind), Some(region), Some(value)) = (kind.and_then(Kind::parse), region, value) else {
            return Err(io::Error::other("a line is kind, region, value, separated by tabs"));
        };
        let canonical = normalise::normalize(kind, value, &Context { region, ..Context::default() });
        writeln!(out, "{}", canonical.as_deref().unwrap_or("-"))?;
    }
    out.flush()
}
