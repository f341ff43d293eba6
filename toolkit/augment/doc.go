// Package augment changes training pictures at random, inside the compiled step, and gives the views that a picture is
// predicted from.
//
// What happens to a picture depends on its own seed only, which is made from the run's seed, the epoch and the row. The
// same picture is therefore changed the same way in any batch, in any order and on any number of workers. Mixing
// (Policy.Mix) also depends on which pictures are in the batch.
//
//	policy := augment.Policy{HorizontalFlip: 0.5, Shift: 0.1, Zoom: 0.1}
//	pictures = policy.Apply(pictures, seeds) // in a graph: [batch, height, width, 3] float32 in 0..255, [batch, 2] uint32
//
// In a recipe a policy is a preset, keys, or both if they are different ones:
//
//	augment: {preset: study}
//
//	augment:
//	  random_resized_crop: {scale: [0.25, 1], ratio: [0.75, 1.3333]}
//	  horizontal_flip: true # or a probability
//	  affine: {probability: 0.5, rotate: 30}
//	  interpolation: bicubic
//	  border: reflect
//	  colour:
//	    - probability: 0.8
//	      one_of:
//	        - add: {range: 25, per_channel: 0.5}
//	        - contrast: {range: [0.5, 2]}
//	  mixup: {alpha: 0.2}
//
// # Order
//
// The order is fixed:
//
//  1. random_resized_crop; shift and zoom; horizontal_flip; vertical_flip; affine; the geometric operations of
//     rand_augment. They are composed into one map, and the picture is resampled once
//  2. colour, step by step
//  3. colour_jitter
//  4. the other operations of rand_augment
//  5. random_erasing
//  6. mixup or cutmix (Mix)
//
// Values stay in 0..255: each change cuts them. With round they are also rounded to whole numbers, halves to even, after
// each change, as if pictures had 8 bits between two changes.
//
// # Geometry
//
// A pixel's position is that of its centre, in whole numbers from the top left, and a picture turns and grows about its
// middle. Bilinear and bicubic (Keys' kernel with a = −0.75, as in OpenCV and in PyTorch's interpolation) look at 2×2 and
// 4×4 pixels, also where a picture gets smaller: nothing is averaged over more. Pixels beyond the border are those of the
// nearest edge pixel (edge), mirrored without repeating it (reflect, OpenCV's REFLECT_101), or of one value (constant).
// After random_resized_crop the border is that of the crop.
package augment
