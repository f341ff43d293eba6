//go:build race

package store

const raceDetector = true // on: slower and larger by far
