package garden

// insect is one species: everything its individuals share.
type insect interface {
	// reach is how far the body and wings go from the centre, in the insect's frame: pictures are framed by it.
	reach() float64
	// draw puts an individual on the canvas.
	draw(c *canvas)
}

// trait is what a species is named after: an English word and a Latin one.
type trait struct{ english, latin string }

// A genus is speciesPerGenus neighbouring numbers that share a body plan and most colours.
const speciesPerGenus = 3

// bodyPlan is one way to be an insect.
type bodyPlan struct {
	group string   // the noun that common names start with
	stems []string // beginnings of Latin genus names
	// make derives a species: genus dice roll the same for the whole genus; member is 0 … speciesPerGenus−1.
	make func(genus, own dice, member int) (insect, trait)
}

// plans take turns from genus to genus, so that any 42 species in a row have every body plan.
var plans = []bodyPlan{
	{"Bumblebee", []string{"Bomb", "Psith", "Pyrob", "Thorac"}, newBumblebee},
	{"Butterfly", []string{"Vaness", "Nymph", "Meli", "Poly", "Papil", "Arg"}, newButterfly},
	{"Hoverfly", []string{"Syrph", "Episyr", "Volucr", "Melan", "Chrys"}, newHoverfly},
	{"Coccinellid", []string{"Coccin", "Adal", "Harmon", "Psyll", "Exoch"}, newCoccinellid},
	{"Wasp", []string{"Vesp", "Polist", "Odyn", "Eumen", "Crabr"}, newWasp},
	{"Moth", []string{"Noct", "Arct", "Geomet", "Zygaen", "Catoc"}, newMoth},
	{"Fly", []string{"Musc", "Lucil", "Calliph", "Sarcoph", "Tach"}, newFly},
	{"Shieldbug", []string{"Pentat", "Grapho", "Eury", "Palom", "Dolyc"}, newShieldbug},
	{"Bee", []string{"Andren", "Osm", "Halic", "Megach", "Colet"}, newBee},
	{"Longhorn", []string{"Ceramb", "Rutp", "Strang", "Agap", "Sten"}, newLonghorn},
	{"Damselfly", []string{"Coenagr", "Calopt", "Ischn", "Enall", "Pyrrh"}, newDamselfly},
	{"Spider", []string{"Aran", "Misum", "Argi", "Thom", "Xyst"}, newSpider},
	{"Chafer", []string{"Ceton", "Trich", "Oxyth", "Hopl", "Chrysom"}, newChafer},
	{"Ant", []string{"Form", "Myrm", "Campon", "Tetram", "Crematog"}, newAnt},
}

func planOf(species int) bodyPlan { return plans[species/speciesPerGenus%len(plans)] }

// newSpecies derives a species of a garden from the seed.
func newSpecies(number int, gardenSeed uint64) (insect, trait) {
	genus := newDice(gardenSeed, streamGenus, uint64(number/speciesPerGenus))
	own := newDice(gardenSeed, streamSpecies, uint64(number))
	return planOf(number).make(genus, own, number%speciesPerGenus)
}

// ink is a colour with its names.
type ink struct {
	colour
	english, latin string
}

var (
	black  = ink{colour{0.07, 0.06, 0.06}, "black", "nigr"}
	white  = ink{colour{0.95, 0.93, 0.86}, "white", "alb"}
	red    = ink{colour{0.80, 0.16, 0.08}, "red", "rubr"}
	orange = ink{colour{0.95, 0.50, 0.07}, "orange", "auranti"}
	yellow = ink{colour{0.97, 0.80, 0.14}, "yellow", "flav"}
	lemon  = ink{colour{0.93, 0.90, 0.42}, "lemon", "citrin"}
	buff   = ink{colour{0.80, 0.58, 0.30}, "buff", "fulv"}
	rust   = ink{colour{0.66, 0.30, 0.12}, "rusty", "ruf"}
	brown  = ink{colour{0.36, 0.22, 0.12}, "brown", "brunne"}
	ash    = ink{colour{0.58, 0.56, 0.52}, "grey", "ciner"}
	green  = ink{colour{0.16, 0.48, 0.18}, "green", "virid"}
	blue   = ink{colour{0.15, 0.32, 0.75}, "blue", "caerule"}
	violet = ink{colour{0.42, 0.20, 0.55}, "violet", "violace"}
	copper = ink{colour{0.62, 0.36, 0.20}, "copper", "cupre"}
	cream  = ink{colour{0.93, 0.85, 0.64}, "cream", "pallid"}
	pink   = ink{colour{0.88, 0.45, 0.50}, "pink", "rose"}
)

// deal gives each member of a genus a different item: the dice shuffle them the same way for all.
func deal[T any](genus dice, member int, from ...T) T {
	order := genus.Perm(len(from))
	return from[order[member%len(from)]]
}

// kin deals colours to the members of a genus and draws them together: relatives look alike.
func kin(genus dice, member int, from ...ink) ink {
	const likeness = 0.38 // at 0 a glance would tell relatives apart, at 1 nothing would
	order := genus.Perm(len(from))
	mean := colour{}
	for m := range speciesPerGenus {
		mean = mean.add(from[order[m]].by(1.0 / speciesPerGenus))
	}
	own := from[order[member%len(from)]]
	own.colour = own.colour.mix(mean, likeness)
	return own
}

var (
	englishNumbers = []string{"plain", "single", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
		"eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"}
	latinNumbers = []string{"in", "uni", "bi", "tri", "quadri", "quinque", "sex", "septem", "octo", "novem", "decem",
		"undecim", "duodecim", "tredecim", "quattuordecim", "quindecim", "sedecim"}
)

// counted is a trait such as "seven-spotted", "septempunctatus".
func counted(n int, english, latin string) trait {
	return trait{englishNumbers[n] + "-" + english, latinNumbers[n] + latin}
}

func (i ink) tailed() trait  { return trait{i.english + "-tailed", i.latin + "icaudus"} }
func (i ink) legged() trait  { return trait{i.english + "-legged", i.latin + "ipes"} }
func (i ink) banded() trait  { return trait{i.english + "-banded", i.latin + "icinctus"} }
func (i ink) spotted() trait { return trait{i.english + "-spotted", i.latin + "imaculatus"} }
func (i ink) winged() trait  { return trait{i.english + "-winged", i.latin + "ipennis"} }
