// Package backend opens the XLA backend that everything here computes with.
//
// GoMLX runs its graphs through a PJRT plugin: a shared library with XLA in it, for the CPU or a GPU. This package
// finds the plugin, fetches a pinned one where there is none, and opens it once per process:
//
//	xla, info, err := backend.Open()
//	if err != nil {
//		return err // says what is missing; `longwing setup` fetches it
//	}
//	fmt.Println(xla.Name(), "on", info.Platform, "with", len(info.Devices), "devices")
//
// Which plugin is used, first match wins:
//
//  1. $GOMLX_BACKEND, if set and not empty: xla, xla:cpu, xla:cuda, xla:/path/of/plugin.so, go (GoMLX's slow pure-Go
//     backend), with go-xla's options after a comma. If it can't be opened that is an error; nothing else is tried.
//  2. A plugin already installed where go-xla looks ($PJRT_PLUGIN_LIBRARY_PATH, or ~/.local/lib/go-xla,
//     /usr/local/lib/go-xla and the system's library folders), or fetched into longwing's cache folder before:
//     cuda, then rocm, then cpu.
//
// Nothing is ever downloaded by Find or Open: only Setup fetches, and only after being called.
package backend

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	_ "github.com/gomlx/gomlx/backends/default" // registers the backends "xla" and "go"
	"k8s.io/klog/v2"
)

// Info describes an opened backend.
type Info struct {
	Backend    string            `json:"backend"`              // GoMLX's name: "xla" or "go"
	Plugin     string            `json:"plugin,omitempty"`     // PJRT plugin: "cpu", "cuda", or a path given in GOMLX_BACKEND
	Path       string            `json:"path,omitempty"`       // file of the plugin
	Version    string            `json:"version,omitempty"`    // of the PJRT interface the plugin speaks, "0.115"
	Package    string            `json:"package,omitempty"`    // pinned package it was fetched from, "name version"
	Platform   string            `json:"platform"`             // what computes: "cpu", "cuda", "go"
	Devices    []string          `json:"devices"`              // one description per device
	Source     string            `json:"source"`               // one of the Source constants
	Attributes map[string]string `json:"attributes,omitempty"` // what the plugin says about itself
}

// Where a plugin came from.
const (
	SourceEnv       = "GOMLX_BACKEND" // named in the environment
	SourceInstalled = "installed"     // found where go-xla looks
	SourceFetched   = "fetched"       // fetched into the cache folder by Setup
)

// String says in one line what was opened.
func (i *Info) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, %d device", i.Backend, i.Platform, len(i.Devices))
	if len(i.Devices) != 1 {
		b.WriteByte('s')
	}
	if i.Path != "" {
		fmt.Fprintf(&b, ", PJRT %s, plugin %s", i.Version, i.Path)
	}
	fmt.Fprintf(&b, " (%s)", i.Source)
	return b.String()
}

// opened is the process's one backend: a second CUDA client in a process would find no memory left.
var opened struct {
	sync.Mutex
	backend compute.Backend
	info    *Info
}

// Open finds the plugin and opens it, once: later calls return the same backend, whatever the environment says by then.
// The caller must not finalize it. A failure is not remembered, so that Open can follow a Setup.
func Open() (compute.Backend, *Info, error) {
	opened.Lock()
	defer opened.Unlock()
	if opened.backend != nil {
		return opened.backend, opened.info, nil
	}
	found, err := Find(context.Background(), Options{})
	if err != nil {
		return nil, nil, err
	}
	return openLocked(found)
}

// openFound is Open for a plugin that was already found.
func openFound(found *Found) (compute.Backend, *Info, error) {
	opened.Lock()
	defer opened.Unlock()
	if opened.backend != nil {
		return opened.backend, opened.info, nil
	}
	return openLocked(found)
}

func openLocked(found *Found) (compute.Backend, *Info, error) {
	var opening compute.Backend
	err := quietly(func() (err error) {
		if found.preload {
			if err := preload(found.Path); err != nil {
				return err
			}
		}
		xla.EnableAutoInstall(false)
		opening, err = compute.NewWithConfig(found.config)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("opening %s: %w", found, err)
	}
	info, err := describe(opening, found)
	if err != nil {
		return nil, nil, fmt.Errorf("opening %s: %w", found, err)
	}
	opened.backend, opened.info = opening, info
	return opening, info, nil
}

// describe asks an open backend what it is.
func describe(b compute.Backend, found *Found) (*Info, error) {
	name, _, _ := strings.Cut(found.config, ":")
	info := &Info{Backend: name, Plugin: found.Plugin, Path: found.Path, Package: found.Package,
		Platform: name, Source: found.Source}
	err := quietly(func() error {
		for i := range b.NumDevices() {
			info.Devices = append(info.Devices, b.DeviceDescription(compute.DeviceNum(i)))
		}
		open, ok := b.(*xla.Backend)
		if !ok {
			return nil
		}
		plugin, err := pjrt.GetPlugin(open.PluginName())
		if err != nil {
			return err
		}
		major, minor := plugin.Version()
		info.Version = fmt.Sprintf("%d.%d", major, minor)
		info.Backend = xla.BackendName
		switch name := open.PluginName(); {
		case plugin.IsCUDA():
			info.Platform = "cuda"
		case pjrt.IsROCMName(name):
			info.Platform = "rocm"
		case plugin.IsCPU():
			info.Platform = "cpu"
		case len(info.Devices) > 0: // "tpu:0 …"
			info.Platform, _, _ = strings.Cut(info.Devices[0], ":")
		}
		info.Attributes = map[string]string{}
		for key, value := range plugin.Attributes() {
			info.Attributes[key] = fmt.Sprint(value)
		}
		return nil
	})
	return info, err
}

// quietly calls f, turns a panic of GoMLX or go-xla into an error of one line, and keeps go-xla's warnings, which
// repeat its errors, off the terminal (unless klog's -v asks for them).
func quietly(f func() error) (err error) {
	if !klog.V(1).Enabled() {
		defer klog.CaptureState().Restore()
		settings := flag.NewFlagSet("klog", flag.ContinueOnError)
		klog.InitFlags(settings)
		_ = settings.Set("logtostderr", "false")
		_ = settings.Set("stderrthreshold", "FATAL")
		klog.SetOutput(io.Discard)
	}
	defer func() {
		if problem := recover(); problem != nil {
			err = oneLine(fmt.Errorf("%v", problem))
		} else if err != nil {
			err = oneLine(err)
		}
	}()
	return f()
}

// lineError is an error whose text was brought to one line; it still unwraps to the original.
type lineError struct {
	text string
	err  error
}

func (e *lineError) Error() string { return e.text }
func (e *lineError) Unwrap() error { return e.err }

func oneLine(err error) error {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if text == err.Error() {
		return err
	}
	return &lineError{text, err}
}
