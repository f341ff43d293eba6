package garden

import "strings"

// Name is the class name of a species, in the shape of the study's names: a common name that begins with the group's
// noun, and an invented Latin one, as in "Bumblebee red-tailed <Bombella rubricauda>". The adjective is the trait that
// sets the species apart from its closest relatives. No two species of a garden have the same name.
func Name(species int, gardenSeed uint64) string {
	species = max(species, 0)
	genus := species / speciesPerGenus
	_, t := newSpecies(species, gardenSeed)
	latin := genusName(genus, gardenSeed)
	return planOf(species).group + " " + t.english + habitat(genus/len(plans)) + " <" + latin + " " + agree(t.latin, latin) + ">"
}

// Names are the names of count species from the first, in order: class number to name.
func Names(first, count int, gardenSeed uint64) []string {
	names := make([]string, max(count, 0))
	for class := range names {
		names[class] = Name(first+class, gardenSeed)
	}
	return names
}

var genusEndings = []string{"ella", "aria", "ina", "ura", "ula", "idia", "ilia", "opsis", "odes", "ites", "ias", "onia", "issa",
	"andra", "osia", "ocera", "aspis", "omma", "urus", "etus", "ellus", "arus", "ynna", "oria"}

var genusPrefixes = []string{"Neo", "Para", "Eu", "Pseudo", "Meta", "Hemi", "Allo", "Micro", "Macro", "Xeno", "Ortho", "Lepto",
	"Platy", "Trachy", "Brachy", "Hyper"}

// genusName is different for every genus: the genera of a body plan go through all its stems and endings in an order of
// the garden's own, then through them again with a prefix, then two.
func genusName(genus int, gardenSeed uint64) string {
	plan, round := genus%len(plans), genus/len(plans)
	stems := plans[plan].stems
	all := len(stems) * len(genusEndings)
	at := newDice(gardenSeed, streamNames, uint64(plan)).Perm(all)[round%all]
	name := stems[at%len(stems)] + genusEndings[at/len(stems)]
	for prefix := round / all; prefix > 0; prefix = (prefix - 1) / len(genusPrefixes) {
		name = genusPrefixes[(prefix-1)%len(genusPrefixes)] + strings.ToLower(name)
	}
	return name
}

var (
	places = []string{"meadows", "heaths", "dunes", "hedges", "woods", "marshes", "gardens", "hills", "orchards", "shores",
		"moors", "fields", "valleys", "riverbanks", "parks", "cliffs"}
	placeKinds = []string{"", "northern ", "dry ", "high ", "southern ", "old ", "wet ", "western ", "low ", "eastern "}
)

// habitat tells apart genera of one body plan whose species would share a common name; the first genus needs none.
func habitat(round int) string {
	if round == 0 {
		return ""
	}
	round--
	place := " of " + placeKinds[round/len(places)%len(placeKinds)] + places[round%len(places)]
	if again := round / (len(places) * len(placeKinds)); again > 0 {
		place += strings.Repeat(" beyond the sea", again%4)
	}
	return place
}

// agree gives a Latin adjective the genus's gender.
func agree(adjective, genus string) string {
	if stem, masculine := strings.CutSuffix(adjective, "us"); masculine && strings.HasSuffix(genus, "a") {
		return stem + "a"
	}
	return adjective
}
