// Package pretrained turns a weight file of torchvision, timm, Keras, keras-contrib or longwing into the parameters of a
// network, and writes such files.
//
//	weights, err := pretrained.Open("densenet169.h5")
//	defer weights.Close()
//	net, err := models.NewAs(weights.Model, weights.Convention, models.Head{Classes: 403, Dropout: 0.8})
//	store := model.NewStore()
//	loaded, err := weights.Load(store, net, 224, seed) // loaded.NewHead: 403 classes are not the file's 1000
//
// Which network a file holds, and which library wrote it, follow from the names and shapes of its tensors. What they
// don't tell:
//
//   - DenseNets of torchvision and timm, and VGGs without their classifier, have the same names. A file .pth or .pt is
//     taken for torchvision's, any other (model.safetensors, pytorch_model.bin) for timm's. A config.json of timm beside
//     the file says that it is timm's, and how pictures were prepared.
//   - Keras numbers the layers of Inception-ResNet-v2 anew for each network it makes: they are taken in the order of
//     their numbers, whatever the first is. In a .weights.h5 that has no names of layers, all are.
//   - A DenseNet of numbered layers is keras-contrib's, whose first releases had no names, if the file is of the old
//     format, and Keras's if it is a .weights.h5, which keras-contrib never wrote.
//
// Files of longwing carry a description in their metadata (Metadata), and so do converted ones (Convert).
package pretrained
