package garden

import (
	"regexp"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	shape := regexp.MustCompile(`^[A-Z][a-z]+( [a-z-]+)+ <[A-Z][a-z]+ [a-z]+>$`)
	for seed := range uint64(3) {
		seen, common := map[string]int{}, map[string]int{}
		for species, name := range Names(0, 3000, seed) {
			if before, twice := seen[name]; twice {
				t.Errorf("species %d and %d are both %q", before, species, name)
			}
			seen[name] = species
			if !shape.MatchString(name) {
				t.Errorf("species %d: %q", species, name)
			}
			short, _, _ := strings.Cut(name, " <")
			if before, twice := common[short]; twice && species < 1000 {
				t.Errorf("species %d and %d are both %q", before, species, short)
			}
			common[short] = species
		}
	}
	if Names(5, -1, 0) == nil || len(Names(5, 0, 0)) != 0 {
		t.Error("no species should have no names")
	}
}

// The study's notebook groups classes by the first word of a name, after it has removed French articles and adjectives
// wherever they stand; names of a garden must come through that unharmed.
func TestNamesGroupByTheirNoun(t *testing.T) {
	french := regexp.MustCompile(`Les|La|L'|Le|Petite?|Grande?| et| autres`)
	for species := range 420 {
		name := Name(species, 0)
		short, _, _ := strings.Cut(name, " <")
		if french.MatchString(short) {
			t.Errorf("%q holds a word that the study's notebook removes", name)
		}
		if first, _, _ := strings.Cut(name, " "); first != planOf(species).group || strings.HasSuffix(first, "s") {
			t.Errorf("%q does not begin with its group, %s", name, planOf(species).group)
		}
	}
}

func TestGroupsContainNoOther(t *testing.T) {
	// A class belongs to the last group, in alphabetical order, that occurs anywhere in its name.
	for species := range 2000 {
		name, own := Name(species, 1), planOf(species).group
		last := ""
		for _, p := range plans {
			if strings.Contains(name, p.group) {
				last = max(last, p.group)
			}
		}
		if last != own {
			t.Errorf("%q would be counted among %q, not %q", name, last, own)
		}
	}
}
