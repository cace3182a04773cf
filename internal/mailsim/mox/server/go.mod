// The mail server that tests run against is no part of the program: it has a module of its own, so that nothing of it is linked or
// even downloaded unless its test runs.
module github.com/centralita/centralita/internal/mailsim/mox/server

go 1.26

require github.com/mjl-/mox v0.0.15
