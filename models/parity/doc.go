// Package parity holds no code, only the proof that our networks are those of the libraries whose weights they take: for
// each network and library, logits, features and training steps of Keras, timm or torchvision are compared with ours.
//
// Parameters and pictures come from a formula that both sides compute (testdata/formula.py), so no weights are kept. The
// tensors have the library's names and shapes and go through package pretrained like those of a file. What is in
// testdata was written by from_keras.py and from_torch.py there.
package parity
