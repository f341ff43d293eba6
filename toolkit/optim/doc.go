// Package optim holds optimizers, learning-rate schedules and averages of parameters.
//
// An optimizer is a graph function: it turns gradients into new parameter values inside the compiled step and keeps its
// state in variables beside the parameters, so that a checkpoint of the store holds all of it. The learning rate is an
// input of the step: schedules are plain Go functions of the step number and never need a new compilation.
//
//	config := optim.Config{Name: optim.SGD, LR: 0.1, Momentum: 0.9, WeightDecay: 1e-4}
//	err := config.Check()
//	schedule := optim.Schedule{Name: "cosine", WarmupEpochs: 1}
//	lr := config.LR * schedule.Factor(step, stepsPerEpoch, epochs)
//
// Where libraries differ in an optimizer, Config.Convention says whose is meant; tests hold both to the library's own
// steps.
package optim
