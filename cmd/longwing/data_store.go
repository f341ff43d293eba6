package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/store"
	"github.com/longwing-ml/longwing/internal/progress"
)

func newDataStoreCommand() *cobra.Command {
	var opt store.Options
	var out string
	var useTest, asJSON bool
	command := &cobra.Command{
		Use:   "store PATH --out FILE",
		Short: "decode and scale every picture once, into one file",
		Long: `Store decodes the pictures under PATH and scales them to a square, antialiased bicubic, into one memory-mapped file.

A build that was stopped or killed goes on when the same command is given again. Pictures that can't be read are listed
and left out; too many of them is an error. FILE.index beside FILE holds checksums and the list.`,
		Example: `  longwing data store flowers --size 224 --out flowers-224.store
  longwing data store kit --test --size 224 --out kit-test-224.store`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if opt.MaxBroken == 0 { // in the package 0 stands for the default
				opt.MaxBroken = -1
			}
			pictures, err := data.Open(args[0])
			if err != nil {
				return err
			}
			set := pictures.Train
			if useTest {
				if set = pictures.Test; set == nil {
					return fmt.Errorf("%s has no test set of its own", args[0])
				}
			}
			bar := progress.New(command.ErrOrStderr(), "decoding "+set.Name, set.Len())
			opt.Progress = func(done, _ int) { bar.Set(done) }
			built, err := store.Build(command.Context(), set, out, opt)
			if err == nil {
				bar.Set(built.Len())
			}
			bar.Done()
			if err != nil {
				return err
			}
			report := storeReport{out, built.Len(), built.Size(), built.Fingerprint(), built.Broken()}
			if asJSON {
				err = writeJSON(command.OutOrStdout(), report)
			} else {
				err = report.write(command.OutOrStdout())
			}
			return errors.Join(err, built.Close())
		},
	}
	command.Flags().IntVar(&opt.Size, "size", 224, "side of the stored pictures, px")
	command.Flags().StringVar(&out, "out", "", "`FILE` of the store")
	command.Flags().BoolVar(&useTest, "test", false, "take a kit's test set instead of its training set")
	command.Flags().IntVar(&opt.Workers, "workers", 0, "pictures decoded at a time (default: one per core)")
	command.Flags().Int64Var(&opt.MaxPixels, "max-pixels", data.DefaultMaxPixels, "refuse pictures with more pixels")
	command.Flags().Float64Var(&opt.MaxBroken, "max-broken", store.DefaultMaxBroken, "share of pictures that may be unreadable")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	_ = command.MarkFlagRequired("out")
	return command
}

type storeReport struct {
	Path        string         `json:"path"`
	Rows        int            `json:"rows"`
	Size        int            `json:"size"`
	Fingerprint string         `json:"fingerprint"`
	Broken      []store.Broken `json:"broken"`
}

func (r storeReport) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, "store %s: %d pictures of %dx%d px, %d left out\n", r.Path, r.Rows, r.Size, r.Size, len(r.Broken))
	for _, b := range r.Broken {
		_, writeErr := fmt.Fprintf(w, "left out: row %d (%s): %s\n", b.Row, b.ID, b.Reason)
		err = errors.Join(err, writeErr)
	}
	return err
}
