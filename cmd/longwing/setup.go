package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/toolkit/backend"
)

func newSetupCommand() *cobra.Command {
	var opt backend.Options
	var asJSON, quiet bool
	command := &cobra.Command{
		Use:   "setup",
		Short: "find or fetch the XLA plugin for this machine, and say what was found",
		Long: `Setup makes sure that there is an XLA plugin, opens it, and says what it is.

A plugin named in GOMLX_BACKEND is used, or else one installed where go-xla looks, or else a pinned wheel is fetched
with pip, checked against its SHA-256 and unpacked into the cache folder (.cache in a clone of the repository,
otherwise longwing in the user's cache folder, or $LONGWING_CACHE).`,
		Example: `  longwing setup
  longwing setup --wheel lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl   # without a network
  longwing setup --cuda
  GOMLX_BACKEND=xla:/opt/xla/plugin.so longwing setup`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			opt.Log = func(line string) { _, _ = fmt.Fprintln(command.ErrOrStderr(), line) }
			info, err := backend.Setup(command.Context(), opt)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), info)
			}
			if quiet {
				return nil
			}
			_, err = fmt.Fprint(command.OutOrStdout(), describeBackend(info))
			return err
		},
	}
	command.Flags().BoolVar(&opt.CUDA, "cuda", false, "install the CUDA plugin and NVIDIA's libraries (several GB), with go-xla's installer")
	command.Flags().StringVar(&opt.Wheel, "wheel", "", "take the pinned wheel from this `FILE` instead of fetching it")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	command.Flags().BoolVarP(&quiet, "quiet", "q", false, "say only what is fetched")
	return command
}

// describeBackend lays out what was opened, a fact a line.
func describeBackend(info *backend.Info) string {
	text := fmt.Sprintf("backend   %s on %s (%s)\n", info.Backend, info.Platform, info.Source)
	if info.Package != "" {
		text += fmt.Sprintf("package   %s\n", info.Package)
	}
	if info.Path != "" {
		text += fmt.Sprintf("plugin    %s\n", info.Path)
	}
	if info.Version != "" {
		text += fmt.Sprintf("PJRT      %s\n", info.Version)
	}
	for _, device := range info.Devices {
		text += fmt.Sprintf("device    %s\n", device)
	}
	return text
}
