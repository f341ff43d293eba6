package hub

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What huggingface_hub's constants.py makes of the environment, as far as it concerns us. An empty variable counts as
// unset.

func hubEndpoint() string {
	return strings.TrimRight(firstEnv("https://huggingface.co", "HF_ENDPOINT"), "/")
}

// hubHome is Hugging Face's folder, which holds the token and the cache.
func hubHome() (string, error) {
	if home := firstEnv("", "HF_HOME"); home != "" {
		return expand(home)
	}
	base, err := userCache()
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "huggingface"), nil
}

// hubCache is the folder of the repositories.
func hubCache() (string, error) {
	if dir := firstEnv("", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); dir != "" {
		return expand(dir)
	}
	home, err := hubHome()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "hub"), nil
}

// hubToken is the user's token and where it was found; empty if there is none.
func hubToken() (token, where string, err error) {
	if isTrue(os.Getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return "", "", nil
	}
	where = "HF_TOKEN"
	token = strings.TrimSpace(firstEnv("", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"))
	if token == "" {
		if where, err = tokenPath(); err != nil {
			return "", "", nil // no home folder, no token
		}
		text, err := os.ReadFile(where)
		if err != nil || len(text) > 1<<16 {
			return "", "", nil
		}
		token = strings.TrimSpace(string(text))
	}
	for _, r := range token {
		if r <= ' ' || r > '~' {
			return "", "", fmt.Errorf("the token in %s has a character that can't be sent: set HF_TOKEN anew", where)
		}
	}
	return token, where, nil
}

func tokenPath() (string, error) {
	if path := firstEnv("", "HF_TOKEN_PATH"); path != "" {
		return expand(path)
	}
	home, err := hubHome()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, "token"), nil
}

func hubOffline() bool { return isTrue(firstEnv("", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")) }

// userCache is $XDG_CACHE_HOME or ~/.cache.
func userCache() (string, error) {
	if dir := firstEnv("", "XDG_CACHE_HOME"); dir != "" {
		return expand(dir)
	}
	return expand("~/.cache")
}

// firstEnv is the value of the first of the variables that is set, or otherwise.
func firstEnv(otherwise string, names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return otherwise
}

func isTrue(value string) bool {
	switch strings.ToUpper(value) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// expand makes an absolute path of one that may start with ~ and name variables.
func expand(path string) (string, error) {
	path = os.ExpandEnv(path)
	if path == "~" || strings.HasPrefix(path, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no home folder for %s: %w", path, err)
		}
		path = filepath.Join(home, path[1:])
	}
	return filepath.Abs(path)
}
