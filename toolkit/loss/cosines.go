package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Cosines are the logits of a normalised head, the one that LDAM's scale of 30 is meant for: features [batch, features]
// and kernel [features, classes] give the cosine between each picture's features and each class's column,
// [batch, classes] in [−1, 1]; there is no bias. Features or columns that are all 0 have the cosine 0. Graph-building:
// panics on a wrong shape.
func Cosines(features, kernel *Node) *Node {
	return MatMul(L2Normalize(features, 1), L2Normalize(kernel, 0))
}
