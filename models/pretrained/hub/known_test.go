package hub

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// published is testdata/published.json, extracted from the publishers' own source by make_published.py.
type published struct {
	Timm        map[string]string // name → licence
	Torchvision map[string]string // architecture → address
	Keras       map[string]string // address → MD5
}

func readPublished(t *testing.T) published {
	t.Helper()
	text, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	var p published
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestListIsWhatIsPublished(t *testing.T) {
	p := readPublished(t)
	names := map[string]bool{}
	counts := map[string]int{}
	architecture := ""
	for _, k := range List() {
		if k.Default != (k.Architecture != architecture) {
			t.Errorf("%s: default is %v: the first of an architecture is it, and no other", k.Name, k.Default)
		}
		architecture = k.Architecture
		if names[k.Name] {
			t.Errorf("two are named %s", k.Name)
		}
		names[k.Name] = true
		counts[k.Source]++
		switch k.Source {
		case Timm:
			if license, ok := p.Timm[k.Name]; !ok || k.License != license || k.Repo != "timm/"+k.Name {
				t.Errorf("%s: licence %q, repository %q; timm says %q", k.Name, k.License, k.Repo, license)
			}
			if k.Checksum != (Checksum{}) && (k.Checksum.Algorithm != SHA256 || len(k.Checksum.Hex) != 64) {
				t.Errorf("%s: checksum %v", k.Name, k.Checksum)
			}
		case Torchvision:
			if url := p.Torchvision[k.Architecture]; k.URL != url || !strings.HasSuffix(url, "-"+k.Checksum.Hex+".pth") || len(k.Checksum.Hex) != 8 {
				t.Errorf("%s: %s, checksum %v; torchvision says %s", k.Name, k.URL, k.Checksum, url)
			}
		case Keras:
			if md5, ok := p.Keras[k.URL]; !ok || k.Checksum != (Checksum{MD5, md5}) || k.NoTop != strings.Contains(k.URL, "notop") {
				t.Errorf("%s: %s, checksum %v; Keras says %q", k.Name, k.URL, k.Checksum, md5)
			}
		case KerasContrib: // no package of it is published
			if !strings.HasPrefix(k.URL, kerasContribURL) || k.Checksum.Algorithm != MD5 || len(k.Checksum.Hex) != 32 {
				t.Errorf("%s: %s, checksum %v", k.Name, k.URL, k.Checksum)
			}
		default:
			t.Errorf("%s: source %q", k.Name, k.Source)
		}
	}
	if counts[Timm] != len(p.Timm) || counts[Torchvision] != len(p.Torchvision) || counts[Keras] != len(p.Keras) || counts[KerasContrib] != 6 {
		t.Errorf("counts are %v, published are %d, %d, %d and 6", counts, len(p.Timm), len(p.Torchvision), len(p.Keras))
	}
}

func TestFind(t *testing.T) {
	for _, test := range []struct{ name, want, repo, revision string }{
		{"densenet121", "densenet121.tv_in1k", "timm/densenet121.tv_in1k", ""},
		{"densenet161", "densenet161.tv_in1k", "timm/densenet161.tv_in1k", ""},
		{"densenet169", "densenet169.tv_in1k", "timm/densenet169.tv_in1k", ""},
		{"densenet201", "densenet201.tv_in1k", "timm/densenet201.tv_in1k", ""},
		{"inception_resnet_v2", "inception_resnet_v2.tf_in1k", "timm/inception_resnet_v2.tf_in1k", ""},
		{"vgg16", "vgg16.tv_in1k", "timm/vgg16.tv_in1k", ""},
		{"vgg16_bn", "vgg16_bn.tv_in1k", "timm/vgg16_bn.tv_in1k", ""},
		{"densenet121.ra_in1k", "densenet121.ra_in1k", "timm/densenet121.ra_in1k", ""},
		{"densenet121@v1", "densenet121.tv_in1k", "timm/densenet121.tv_in1k", "v1"},
		{"keras/densenet169-notop", "keras/densenet169-notop", "", ""},
		{"keras-contrib/densenet161", "keras-contrib/densenet161", "", ""},
		{"hf:some-one/a.model", "hf:some-one/a.model", "some-one/a.model", ""},
		{"hf:some-one/a.model@refs/pr/1", "hf:some-one/a.model", "some-one/a.model", "refs/pr/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, revision, err := Find(test.name)
			if err != nil {
				t.Fatal(err)
			}
			if k.Name != test.want || k.Repo != test.repo || revision != test.revision {
				t.Errorf("got %s, repository %q, revision %q", k.Name, k.Repo, revision)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"", "known are densenet121, densenet161"},
		{"resnet50", "known are densenet121, densenet161, densenet169, densenet201, inception_resnet_v2, vgg16, vgg16_bn"},
		{"keras/densenet161", "known are densenet161.tv_in1k, torchvision/densenet161, keras-contrib/densenet161, keras-contrib/densenet161-notop ("},
		{"densenet121.a1_in1k", "densenet121.tv_in1k, densenet121.ra_in1k"},
		{"keras/vgg16@main", "without revisions"},
		{"hf:", "owner/repository"},
		{"hf:vgg16", "owner/repository"},
		{"hf:../../x", "owner/repository"},
		{"hf:a/b/c", "owner/repository"},
		{"hf:a/b--c", "owner/repository"},
		{"hf:a/b@", "no revision"},
		{"hf:a/b@../../x", "no revision"},
		{"hf:a/b@x/../y", "no revision"},
		{"hf:a/b@/etc", "no revision"},
		{"hf:a/b@-x", "no revision"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := Find(test.name)
			checkError(t, err, test.want)
		})
	}
}

// FuzzFind makes sure that no name leads out of the cache.
func FuzzFind(f *testing.F) {
	for _, name := range []string{"densenet169@main", "hf:a/b@refs/pr/1", "hf:../b", "hf:a/..@..", "keras/vgg16", "hf:a/b@a/./b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		k, revision, err := Find(name)
		if err != nil {
			checkError(t, err)
			return
		}
		cache := newFolder("/cache", k.Repo)
		for _, path := range []string{cache.path("refs", revision), cache.snapshot(commit1, WeightsFile), cache.lock("e")} {
			if !strings.HasPrefix(path, "/cache/") || strings.Count(cache.path(), "/") != 2 {
				t.Errorf("%q leads to %s", name, path)
			}
		}
		if revision != "" && !strings.HasPrefix(cache.path("refs", revision), cache.path("refs")+"/") {
			t.Errorf("%q has a ref at %s", name, cache.path("refs", revision))
		}
	})
}
