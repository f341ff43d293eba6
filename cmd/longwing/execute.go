package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// execute runs the command with the given arguments and returns its exit status. An error becomes one line on stderr.
//
// Everything that a command's RunE returns is a failure, unless it wraps a *usageError; every other error comes from
// reading the command line.
func execute(ctx context.Context, root *cobra.Command, args []string, stdout, stderr io.Writer) int {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	prepare(root)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return statusDone
	}
	var failure *failure
	var usage *usageError
	failed := errors.As(err, &failure) && !errors.As(err, &usage)
	if failed && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = fmt.Errorf("interrupted: %w", err)
	}
	message := strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	if !failed {
		message += fmt.Sprintf(" (see %s --help)", command.CommandPath())
	}
	_, _ = fmt.Fprintf(stderr, "longwing: %s\n", message)
	if failed {
		return statusFailed
	}
	return statusUsage
}

// usageError is wrong usage that only a command itself can see, such as a flag out of range.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// refuseEmpty refuses a flag that is given without a text, as by --rows "$SPLIT" where the variable isn't set. Taken for a
// flag that is not given, it would let validation rows into training.
func refuseEmpty(command *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if all := command.Flags(); all.Changed(name) && all.Lookup(name).Value.String() == "" {
			return usagef("--%s is empty: give it a value or leave it out", name)
		}
	}
	return nil
}

// failure marks what a command returned after its command line had been accepted.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

// prepare makes a command and those below it keep the rules of execute. A command that only holds others prints its help
// when called alone; a subcommand it does not have is wrong usage.
func prepare(command *cobra.Command) {
	if !command.Runnable() && command.HasSubCommands() {
		command.Args = cobra.ArbitraryArgs
		command.RunE = func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("no command %q", c.CommandPath()+" "+args[0])
			}
			return c.Help()
		}
	}
	if run := command.RunE; run != nil {
		command.RunE = func(c *cobra.Command, args []string) error {
			if err := run(c, args); err != nil {
				return &failure{err}
			}
			return nil
		}
	}
	for _, sub := range command.Commands() {
		prepare(sub)
	}
}

// group gives a command its subcommands.
func group(parent *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	parent.AddCommand(commands...)
	return parent
}
