package main

import "runtime"

// fewCores is up to how many cores Go gets twice as many processors as there are.
const fewCores = 4

// moreProcessors gives Go twice as many processors as the machine has cores, where those are few and nobody said otherwise (GOMAXPROCS).
// What the store does beside the work, compaction above all, and collecting garbage keep two processors busy for as long as they
// like: Go takes one away every 10 ms only, and what a customer waits for stands in line behind it. With threads to spare the kernel
// shares the cores, which favours who waited: the longest waits at a steady pace are half as long (docs/performance.md).
func moreProcessors(getenv func(string) string) {
	if n := runtime.GOMAXPROCS(0); n <= fewCores && getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(2 * n)
	}
}
