// Package models holds the backbones, as graph functions cut into named stages, and the classification head.
//
//	net, err := models.New("densenet169", models.Head{Classes: 403, Dropout: 0.8})
//	err = net.CheckCut("block4")                     // fine-tune from the last dense block on
//	logits := net.Logits(builder, pictures, "block4") // inside a graph; pictures uint8 [batch, height, width, 3]
//	table, err := models.Describe(net, 224, "block4") // what is frozen, with counts
//
// A cut point is the name of a stage: that stage and all after it are trainable, those before it are constants whose
// batch normalisation uses its running statistics. The head comes last, so the cut point "head" trains the head only.
package models
