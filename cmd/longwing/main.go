// Command longwing fine-tunes image classifiers on long-tailed sets of pictures. Its help says what it can do.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(execute(ctx, newRoot(), os.Args[1:], os.Stdout, os.Stderr))
}
