// Package desk is the rules of Centralita, and the words all other packages share. It is pure: no I/O, no context, no
// clock, no randomness, no goroutine, no logging (arch_test.go holds it to that). Time and ids come in with commands.
//
// One file per noun or family of commands. A decider says what happens (Decide) and what follows from it (Evolve);
// projections fold the journal into the rows that lists show (project.go).
package desk
