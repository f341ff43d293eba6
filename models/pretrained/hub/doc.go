// Package hub fetches ImageNet weights by name, once: from the Hugging Face Hub, or from the release files of
// torchvision, Keras and keras-contrib.
//
//	got, err := hub.Fetch(ctx, "densenet169", hub.Options{})
//	if err != nil {
//		return err // one line: what is missing, where, and what to do
//	}
//	fmt.Println(got.Path, got.SHA256)
//
// Names are those of List, such as densenet169 (timm's port of torchvision's weights), densenet121.ra_in1k,
// torchvision/densenet169, keras/densenet169-notop and keras-contrib/densenet161; a repository of the Hub by hand is
// hf:owner/repository. "@" and a revision may follow the name of a repository's weights: densenet169@8c033a1….
//
// Files of the Hub go into Hugging Face's own cache, in its layout and under its locks, so that Python's libraries find
// what was fetched here and the other way round. Other files go into weights in longwing's cache folder; one that Keras
// or torch has already in its cache is used from there. Every file is compared with its published checksum each time it
// is asked for. A download that was cut off, or killed, goes on where it stopped.
//
// Environment: HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, XDG_CACHE_HOME, HF_TOKEN, HF_TOKEN_PATH, HF_HUB_DISABLE_IMPLICIT_TOKEN,
// HF_HUB_DISABLE_SYMLINKS and HF_HUB_OFFLINE mean what they mean to huggingface_hub; KERAS_HOME and TORCH_HOME say where
// those libraries keep their files. LONGWING_TORCHVISION_URL, LONGWING_KERAS_URL and LONGWING_KERAS_CONTRIB_URL name
// mirrors: what stands before the file's name, or for Keras before densenet/, inception_resnet_v2/ and vgg16/.
//
// Why not the client github.com/gomlx/go-huggingface (v0.4.0, measured against the server of this package's tests): a
// connection cut in the middle was reported as success, with a link to nothing; content was never compared with its
// checksum; a blob was named after the content server's ETag and no ref was written, so that Python did not find the
// file; nothing was resumed; HF_HOME, HF_HUB_CACHE and HF_TOKEN were not read.
package hub
