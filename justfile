# What people type every day. CI runs .ci/run, which needs no `just`.

# The recipes.
default:
    @just --list

# The binary, optimised.
build:
    cargo build --locked --release

# All tests.
test:
    cargo test --locked

# golive against real daemons on loopback; `claw` is the binary of claw 0.1.1 (cargo install claw-vcs --version 0.1.1 --locked).
live claw="claw":
    GOLIVE_CLAW="$(command -v {{ claw }})" cargo test --locked --test live

# Lints, as strict as CI.
lint:
    cargo clippy --locked --all-targets --all-features -- -D warnings

# Formats the code.
fmt:
    cargo fmt

# The library's documentation, as strict as CI.
docs:
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps

# The four laws, on all fixtures or on those of one control: `just prove backups.scheduled`.
prove control="":
    cargo run --locked --release -- policy prove --control '{{ control }}'

# Engines on a made-up fleet, beside OPA's library where GOLIVE_OPA_LIB names it: `just bench --documents 512`.
bench *args:
    cargo bench --locked --bench fleet -- {{ args }}

# Interpreter, compiled path and OPA on all fixtures and on mutants of the fleet: `just equal 6000`.
equal mutants="600":
    cargo bench --locked --bench fleet -- --equal {{ mutants }}

# Fifty scripted edits against their known effect, on a made-up fleet: `just impact 10000`.
impact documents="1000":
    cargo bench --locked --bench fleet -- --impact {{ documents }}

# Forecasts of a made-up fleet against a judge by hand, at every minute of 120 days: `just forecast 1000`.
forecast documents="100":
    cargo bench --locked --bench fleet -- --forecast {{ documents }}

# Every single-letter typo of every path in the shipped policies must be reported.
typos:
    cargo bench --locked --bench fleet -- --typos

# A made-up fleet of facts documents in a folder: `just fleet 1000 fleet/`.
fleet documents folder:
    cargo run --locked --release --example fleet -- --documents {{ documents }} --out {{ folder }}

# Licences, banned crates and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny --locked check bans licenses sources

# Everything that CI runs.
ci:
    .ci/run
