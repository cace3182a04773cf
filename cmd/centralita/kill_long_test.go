//go:build integration && torture

package main

const killRounds = 60
