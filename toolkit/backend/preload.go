package backend

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

// longwing_load_plugin opens a PJRT plugin and returns its table of functions, or NULL with a message in *problem.
static const void *longwing_load_plugin(const char *path, const char **problem) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL) {
		*problem = dlerror();
		return NULL;
	}
	const void *(*get_api)(void) = (const void *(*)(void))dlsym(library, "GetPjrtApi");
	if (get_api == NULL) {
		*problem = "it has no function GetPjrtApi, so it is not a PJRT plugin";
		dlclose(library);
		return NULL;
	}
	const void *api = get_api();
	if (api == NULL) {
		*problem = "its GetPjrtApi returned nothing";
	}
	return api;
}
*/
import "C"

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// preloadName is what go-xla is told that a plugin for the CPU is called. It looks like an absolute path, so go-xla
// doesn't search its folders for it, and has "cpu" in it, so the plugin gets shared buffers, which spare a copy of every
// batch.
const preloadName = "/cpu"

// preloadedPath is the plugin that was given to go-xla as preloadName. Guarded by opened's lock.
var preloadedPath string

// preload loads the plugin for the CPU at path and gives it to go-xla as preloadName.
//
// go-xla could be given the path itself, but then takes options and guesses from it: a comma in the path ends it, a
// folder called "cuda" or "nvidia" makes a plugin for the CPU get CUDA's options, and a path without "cpu" in it loses
// the shared buffers.
func preload(path string) error {
	if preloadedPath != "" {
		if preloadedPath != path {
			return fmt.Errorf("%s is already loaded", preloadedPath)
		}
		return nil
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	var problem *C.char
	api := C.longwing_load_plugin(cPath, &problem)
	if api == nil {
		return fmt.Errorf("it can't be loaded: %s", C.GoString(problem))
	}
	if err := pjrt.RegisterPreloadedPlugin(preloadName, uintptr(api)); err != nil {
		return err
	}
	preloadedPath = path
	return nil
}
