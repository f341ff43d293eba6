package hub

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// byHand starts the name of a repository that is not in the table.
const byHand = "hf:"

// Find returns the weights of a name and, if one follows the name after "@", the revision. The error of an unknown name
// lists the ones alike.
func Find(name string) (k Known, revision string, err error) {
	short, revision, pinned := strings.Cut(name, "@")
	if repo, ok := strings.CutPrefix(short, byHand); ok {
		if err := checkRepo(repo); err != nil {
			return Known{}, "", fmt.Errorf("weights %q: %w", name, err)
		}
		k = Known{Name: short, Repo: repo}
	} else {
		i := slices.IndexFunc(known, func(k Known) bool {
			return k.Name == short || k.Default && k.Architecture == short
		})
		if i < 0 {
			return Known{}, "", fmt.Errorf("no weights are named %q: known are %s (`longwing weights list` lists all), or name a repository: %sowner/repository[@revision]",
				short, strings.Join(alike(short), ", "), byHand)
		}
		k = known[i]
	}
	if pinned {
		if k.Repo == "" {
			return Known{}, "", fmt.Errorf("weights %q: %s is a single file, without revisions: leave out what follows @", name, k.Name)
		}
		if err := checkRevision(revision); err != nil {
			return Known{}, "", fmt.Errorf("weights %q: %w", name, err)
		}
	}
	return k, revision, nil
}

// alike lists the names of the architecture that was probably meant, or else the architectures.
func alike(name string) []string {
	meant, _, _ := strings.Cut(path.Base(name), ".")
	var same, all []string
	for _, k := range known {
		if k.Architecture == strings.TrimSuffix(meant, "-notop") {
			same = append(same, k.Name)
		}
		if k.Default {
			all = append(all, k.Architecture)
		}
	}
	if same != nil {
		return same
	}
	return all
}

// What becomes part of a path in the cache is checked by these. Repositories and revisions follow the Hub's and git's
// own rules.
var (
	repoPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$`)
	revisionPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)
	commitPattern   = regexp.MustCompile(`^[0-9a-f]{40}$`)
	filePattern     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)
)

func checkRepo(repo string) error {
	if !repoPattern.MatchString(repo) || strings.Contains(repo, "--") || strings.Contains(repo, "..") || len(repo) > 96 {
		return fmt.Errorf("%q is no repository of the Hugging Face Hub: write owner/repository", repo)
	}
	return nil
}

func checkRevision(revision string) error {
	if !revisionPattern.MatchString(revision) || strings.Contains(revision, "..") || len(revision) > 200 {
		return fmt.Errorf("%q is no revision: write a branch, a tag or a commit", revision)
	}
	return nil
}

func checkFile(file string) error {
	if !filePattern.MatchString(file) || strings.Contains(file, "..") || len(file) > 200 {
		return fmt.Errorf("%q is no file of a repository: write its path, such as %s", file, WeightsFile)
	}
	return nil
}
