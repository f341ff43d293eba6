// Package loss holds the losses that a classifier of long-tailed pictures is trained with: cross-entropy with class
// weights and label smoothing, focal, class-balanced focal, LDAM, balanced softmax, logit adjustment and soft F1.
//
// A Config is what a recipe says. New checks it against the classes of the training part and gives a Loss, whose methods
// build the loss into the graph of a training step:
//
//	config := loss.Config{Name: loss.BalancedSoftmax}
//	l, err := loss.New(config, numClasses, trainingCounts, nil)
//	…
//	value := l.Mean(logits, targets, examples) // in a graph: a scalar to minimise
//
// Shapes are those of a batch: logits [batch, classes]; targets [batch] class numbers of any integer type, or
// [batch, classes] soft targets, each row from 0 up with the sum 1; examples [batch], the weight of each picture. A
// picture of weight 0 fills up the last batch: it counts for nothing, whatever its logits hold, and a batch of such
// pictures has the loss 0 and the gradient 0. A class number out of range counts like a picture of loss 0. Logits in half
// precision are computed on in float32.
//
// # Class weights
//
// With class weights w and target t, a picture's weight is Σ t·w, that is w[label] for a class number. PyTorch and Keras
// use it in two ways (Convention); without class weights they agree. With ℓ[c] = −log softmax(logits)[c] and smoothed
// targets s:
//
//	torch  Σ over pictures of Σ w[c]·s[c]·ℓ[c]            divided by Σ over pictures of Σ t·w
//	keras  Σ over pictures of (Σ t·w)·(Σ s[c]·ℓ[c])       divided by the number of pictures
//
// Beside the divisor they differ in what smoothing spreads: torch weighs each class's share by that class's weight,
// Keras by the picture's. For soft targets torch itself divides by the number of pictures, and Keras looks up the weight
// of the largest target alone; here soft targets that are 0 and 1 give the same as class numbers.
//
// # Stability
//
// No logit gives NaN: beyond ±10²⁰, infinities included, it counts as ±10²⁰. A logit that is NaN gives NaN, so that a
// network that diverged is noticed.
package loss
