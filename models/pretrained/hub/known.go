package hub

import (
	"slices"
	"strings"
)

// Libraries that weights come from.
const (
	Timm         = "timm"
	Torchvision  = "torchvision"
	Keras        = "keras"
	KerasContrib = "keras-contrib"
)

// Files of a repository of weights on the Hugging Face Hub.
const (
	WeightsFile = "model.safetensors"
	ConfigFile  = "config.json" // timm's: preprocessing, classes, licence
)

// Known is a file of weights that can be fetched by name.
type Known struct {
	Name         string `json:"name"`                   // "densenet121.ra_in1k", "keras/densenet169-notop"
	Architecture string `json:"architecture,omitempty"` // "densenet169"; empty for a repository given by hand
	Source       string `json:"source,omitempty"`       // the library, one of the constants; empty as above
	Default      bool   `json:"default"`                // the architecture alone names it too
	NoTop        bool   `json:"no_top"`                 // without the layers that make logits
	License      string `json:"license,omitempty"`      // SPDX, of the weights; empty if none is published
	Repo         string `json:"repo,omitempty"`         // on the Hugging Face Hub: "timm/densenet169.tv_in1k"
	URL          string `json:"url,omitempty"`          // of a file elsewhere
	// Checksum is what the publisher says the file's is. It is the zero value where only the Hub says, when asked.
	Checksum Checksum `json:"checksum,omitzero"`
}

// List returns the known weights, those of one architecture together, the default first.
func List() []Known { return slices.Clone(known) }

// Where the release files are; see mirror.
const (
	torchvisionURL  = "https://download.pytorch.org/models/"
	kerasURL        = "https://storage.googleapis.com/tensorflow/keras-applications/"
	kerasContribURL = "https://github.com/titu1994/DenseNet/releases/download/v3.0/"
)

// The facts are those of the publishers' source; testdata/published.json has them as extracted from timm 1.0.31,
// torchvision 0.29.2 and Keras 3.15.1. The SHA-256 of timm's files are the Hub's own, from the pages of the files. The
// MD5 of keras-contrib's are in keras_contrib/applications/densenet.py at commit 7aa43dd of keras-team/keras-contrib.
// Licences of Keras's weights are those of its documentation, applications.md.
var known = slices.Concat(
	timm("apache-2.0", "densenet121.tv_in1k", "c894c6d9caa317a8ca1942986dee7a16a86c77734a4d691d2abe05389cfef358"),
	timm("apache-2.0", "densenet121.ra_in1k", ""),
	torchvision("densenet121-a639ec97.pth"),
	keras("densenet", "densenet121", "bsd-3-clause", "9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738"),
	kerasContrib("densenet121", "DenseNet-BC-121-32", "a439dd41aa672aef6daba4ee1fd54abd", "55e62a6358af8a0af0eedf399b5aea99"),

	timm("apache-2.0", "densenet161.tv_in1k", ""),
	torchvision("densenet161-8d451a50.pth"),
	kerasContrib("densenet161", "DenseNet-BC-161-48", "6c326cf4fbdb57d31eff04333a23fcca", "1a9476b79f6b7673acaa2769e6427b92"),

	timm("apache-2.0", "densenet169.tv_in1k", ""),
	torchvision("densenet169-b2777c0a.pth"),
	keras("densenet", "densenet169", "bsd-3-clause", "d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b"),
	kerasContrib("densenet169", "DenseNet-BC-169-32", "914869c361303d2e39dec640b4e606a6", "89c19e8276cfd10585d5fadc1df6859e"),

	timm("apache-2.0", "densenet201.tv_in1k", ""),
	torchvision("densenet201-c1103571.pth"),
	keras("densenet", "densenet201", "bsd-3-clause", "1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1"),

	timm("apache-2.0", "inception_resnet_v2.tf_in1k", "dbea26b13a5fc8351919fed6a94222c0577ce324b2765fd081a798f837ca9d72"),
	timm("apache-2.0", "inception_resnet_v2.tf_ens_adv_in1k", ""),
	keras("inception_resnet_v2", "inception_resnet_v2", "apache-2.0", "e693bd0210a403b3192acc6073ad2e96", "d19885ff4a710c122648d3b5c3b684e4"),

	timm("bsd-3-clause", "vgg16.tv_in1k", "57b026918159a6bf9faf8405c3a551903768e7138989d9c6224a14227203fad8"),
	torchvision("vgg16-397923af.pth"),
	keras("vgg16", "vgg16", "cc-by-4.0", "64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"),

	timm("bsd-3-clause", "vgg16_bn.tv_in1k", "88bbedbc8e780413736db38ac4efd41b06fc0e93fd5b8879b584bba63a950129"),
	torchvision("vgg16_bn-6c64b313.pth"),
)

// timm's names are "architecture.tag"; each is a repository on the Hub.
func timm(license, name, sha256 string) []Known {
	architecture, tag, _ := strings.Cut(name, ".")
	k := Known{Name: name, Architecture: architecture, Source: Timm, License: license, Repo: "timm/" + name,
		Default: tag == "tv_in1k" || tag == "tf_in1k"}
	if sha256 != "" {
		k.Checksum = Checksum{SHA256, sha256}
	}
	return []Known{k}
}

// torchvision's file names end in the first eight digits of the SHA-256.
func torchvision(file string) []Known {
	architecture, digits, _ := strings.Cut(strings.TrimSuffix(file, ".pth"), "-")
	return []Known{{Name: Torchvision + "/" + architecture, Architecture: architecture, Source: Torchvision,
		URL: torchvisionURL + file, Checksum: Checksum{SHA256, digits}}}
}

func keras(folder, architecture, license, md5, noTopMD5 string) []Known {
	file := kerasURL + folder + "/" + architecture + "_weights_tf_dim_ordering_tf_kernels"
	return withAndWithoutTop(Known{Name: Keras + "/" + architecture, Architecture: architecture, Source: Keras,
		License: license}, file+".h5", md5, file+"_notop.h5", noTopMD5)
}

func kerasContrib(architecture, file, md5, noTopMD5 string) []Known {
	file = kerasContribURL + file
	return withAndWithoutTop(Known{Name: KerasContrib + "/" + architecture, Architecture: architecture,
		Source: KerasContrib}, file+".h5", md5, file+"-no-top.h5", noTopMD5)
}

func withAndWithoutTop(k Known, url, md5, noTopURL, noTopMD5 string) []Known {
	top, noTop := k, k
	top.URL, top.Checksum = url, Checksum{MD5, md5}
	noTop.Name, noTop.NoTop, noTop.URL, noTop.Checksum = k.Name+"-notop", true, noTopURL, Checksum{MD5, noTopMD5}
	return []Known{top, noTop}
}
