package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/internal/npy"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

func newLogitsCommand() *cobra.Command {
	var flags logitsFlags
	command := &cobra.Command{
		Use:   "logits --model NAME --weights FILE --input X.npy --output Y.npy",
		Short: "compute a network's outputs for preprocessed pictures",
		Long: `Logits runs pictures through a network, for comparing it with other programs.

X.npy holds float32 [n, height, width, 3], preprocessed already, channels in the order that the weights want: "longwing
weights inspect" tells. Y.npy gets float32 [n, classes], or with --features [n, channels], the backbone's features averaged
over height and width.`,
		Example: `  longwing logits --model densenet169 --weights model.safetensors --input x.npy --output y.npy
  longwing logits --model vgg16 --weights vgg16_notop.h5 --features --input x.npy --output y.npy`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if flags.batch < 1 {
				return usagef("--batch is %d, need 1 or more", flags.batch)
			}
			if flags.classes < 0 {
				return usagef("--classes is %d, need 1 or more", flags.classes)
			}
			return flags.run(command)
		},
	}
	command.Flags().StringVar(&flags.model, "model", "", "network that the file must hold")
	command.Flags().IntVar(&flags.classes, "classes", 0, "classes that the file must have (default: whatever it has); without meaning for --features")
	command.Flags().StringVar(&flags.weights, "weights", "", "weight `FILE`, run directory or name of published weights")
	command.Flags().BoolVar(&flags.features, "features", false, "put out averaged features instead of logits")
	command.Flags().StringVar(&flags.input, "input", "", "`X.npy` with preprocessed pictures")
	command.Flags().StringVar(&flags.output, "output", "", "`Y.npy` to write")
	command.Flags().IntVar(&flags.batch, "batch", 8, "pictures computed at a time")
	for _, name := range []string{"model", "weights", "input", "output"} {
		_ = command.MarkFlagRequired(name)
	}
	return command
}

type logitsFlags struct {
	model, weights, input, output string
	classes, batch                int
	features                      bool
}

func (f *logitsFlags) run(command *cobra.Command) error {
	if err := checkOutput("output", f.output); err != nil {
		return err
	}
	x, err := readPictures(f.input)
	if err != nil {
		return err
	}
	w, path, err := openWeights(command, f.weights)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	net, err := f.network(w, path)
	if err != nil {
		return err
	}
	height, width := x.Shape[1], x.Shape[2]
	if err := net.CheckSize(min(height, width)); err != nil {
		return fmt.Errorf("%s: %w", f.input, err)
	}
	if height != width && net.Head.Kind != models.HeadPool {
		return fmt.Errorf("%s: pictures of %d×%d pixels; head %s of %s takes squares only", f.input, height, width, net.Head.Kind, path)
	}
	store := model.NewStore()
	if _, err := w.Load(store, net, min(height, width), 0); err != nil { // under a pooled head the size decides nothing
		return err
	}
	outputs, err := compute(command.Context(), store, x, f.batch, finetune.Console(command.ErrOrStderr()), func(pictures *graph.Node) *graph.Node {
		b := nn.NewBuilder(store, nn.Options{})
		if f.features {
			return net.Features(b, pictures)
		}
		return net.Forward(b, pictures, models.HeadStage)
	})
	if err != nil {
		return err
	}
	return npy.Write(f.output, []int{x.Shape[0], len(outputs) / x.Shape[0]}, outputs)
}

// network is the network of the file, if that is what the flags say. For features any head does: a pooled one.
func (f *logitsFlags) network(w *pretrained.Weights, path string) (*models.Network, error) {
	if w.Model != f.model {
		return nil, fmt.Errorf("%s holds a %s, --model is %s", path, w.Model, f.model)
	}
	if f.features {
		return models.NewAs(w.Model, w.Convention, models.Head{Kind: models.HeadPool, Classes: 2})
	}
	if w.Head == nil {
		return nil, fmt.Errorf("%s has no classifier: only --features can be computed", path)
	}
	if f.classes != 0 && f.classes != w.Head.Classes {
		return nil, fmt.Errorf("%s has %d classes, --classes is %d", path, w.Head.Classes, f.classes)
	}
	net, err := models.NewAs(w.Model, w.Convention, *w.Head)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return net, nil
}

// readPictures reads [n, height, width, 3].
func readPictures(path string) (*npy.Array, error) {
	x, err := npy.Read(path)
	if err != nil {
		return nil, err
	}
	if len(x.Shape) != 4 || x.Shape[3] != 3 || len(x.Data) == 0 {
		return nil, fmt.Errorf("%s has shape %v, need [pictures, height, width, 3]", path, x.Shape)
	}
	return x, nil
}

// compute runs the pictures of x through a network, a batch at a time, and returns its outputs, row-major. The last batch
// is filled up with black, so that one program does for all.
func compute(ctx context.Context, store *model.Store, x *npy.Array, batch int, observer finetune.Observer, build func(pictures *graph.Node) *graph.Node) ([]float32, error) {
	backend, _, err := backend.Open()
	if err != nil {
		return nil, err
	}
	exec, err := model.NewExec(backend, store, func(_ *model.Scope, pictures *graph.Node) *graph.Node { return build(pictures) })
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	n, picture := x.Shape[0], len(x.Data)/x.Shape[0]
	batch = min(batch, n)
	var outputs []float32
	for start := 0; start < n; start += batch {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(start+batch, n)
		pixels := make([]float32, batch*picture)
		copy(pixels, x.Data[start*picture:end*picture])
		input := tensors.FromFlatDataAndDimensions(pixels, batch, x.Shape[1], x.Shape[2], 3)
		y, err := exec.Call1(input)
		if err != nil {
			return nil, err
		}
		values, err := tensors.CopyFlatData[float32](y)
		if err := errors.Join(err, input.FinalizeAll(), y.FinalizeAll()); err != nil {
			return nil, err
		}
		outputs = append(outputs, values[:(end-start)*(len(values)/batch)]...)
		observer.Progress("computing", end, n, "")
	}
	return outputs, nil
}
