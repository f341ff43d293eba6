// Package garden draws insects: a picture set for learning that needs no download.
//
// Every notebook, example and test needs pictures that look like the study's: many classes, most of them rare, close
// relatives that are hard to tell apart. A garden is such a set, made by this package from a seed. Species come in genera of
// three that share a body plan and most colours and differ in one thing (bands, spots, the colour of the legs or the
// tail) and in small proportions; individuals vary around their species; pose, light, background, sharpness and what
// is in front are new in every picture and say nothing about the species. The class counts follow the study's curve.
//
//	err := garden.Write(ctx, "data/garden", garden.Options{Seed: 1})      // 24 species, 3,000 pictures of 128 px
//	picture := garden.Draw(4, 0, 256, 1)                                  // one picture of the fifth species
//	name := garden.Name(4, 1)                                             // and its name
//
// The same options give the same bytes on every platform: outlines are rasterised in whole numbers, and floating-point
// arithmetic is kept to operations that round alike everywhere (see num.go).
//
// A second garden with Options.FirstSpecies = 24 shares no species with the first: one to pretrain on, one to
// fine-tune on.
package garden
