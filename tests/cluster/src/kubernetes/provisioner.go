// Copyright: (c) 2026, acmp.middleware contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// localPath makes volumes that are folders below root. They are open to everybody (0777), because charts run as users
// of their own and a hostPath volume is never handed over to fsGroup.
type localPath struct {
	root string
	node string
}

func (p *localPath) Provision(_ context.Context, options controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	if claim.Spec.Selector != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("a claim with a selector cannot be provisioned: folders have no labels")
	}
	for _, mode := range claim.Spec.AccessModes {
		if mode == v1.ReadOnlyMany {
			return nil, controller.ProvisioningFinished, fmt.Errorf("access mode %s is not offered: an empty read-only volume helps nobody", mode)
		}
	}
	if claim.Spec.VolumeMode != nil && *claim.Spec.VolumeMode == v1.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished, fmt.Errorf("volume mode Block is not offered: volumes are folders")
	}
	folder := filepath.Join(p.root, strings.Join([]string{options.PVName, claim.Namespace, claim.Name}, "_"))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// MkdirAll obeys the umask.
	if err := os.Chmod(folder, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	kind := v1.HostPathDirectory
	volume := &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *options.StorageClass.ReclaimPolicy,
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			MountOptions:                  options.StorageClass.MountOptions,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: claim.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource: v1.PersistentVolumeSource{
				HostPath: &v1.HostPathVolumeSource{Path: folder, Type: &kind},
			},
			NodeAffinity: &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
				MatchExpressions: []v1.NodeSelectorRequirement{
					{Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{p.node}},
				},
			}}}},
		},
	}
	return volume, controller.ProvisioningFinished, nil
}

func (p *localPath) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	if volume.Spec.HostPath == nil {
		return &controller.IgnoredError{Reason: "not a folder of this provisioner"}
	}
	folder := filepath.Clean(volume.Spec.HostPath.Path)
	// A volume object can be written by anybody who may create volumes: never remove what lies elsewhere.
	if filepath.Dir(folder) != filepath.Clean(p.root) {
		return &controller.IgnoredError{Reason: fmt.Sprintf("%s does not lie in %s", folder, p.root)}
	}
	return os.RemoveAll(folder)
}

func runProvisioner() int {
	flags := flag.NewFlagSet("local-path-provisioner", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "how to reach the API")
	root := flags.String("root", "", "folder that holds the volumes")
	node := flags.String("node", "", "name of the node the volumes are on")
	name := flags.String("name", "acmp.middleware/local-path", "provisioner name, as in the StorageClass")
	_ = flags.Parse(os.Args[1:])
	if *kubeconfig == "" || *root == "" || *node == "" {
		fmt.Fprintln(os.Stderr, "local-path-provisioner needs --kubeconfig, --root and --node")
		return 2
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot read kubeconfig %s: %v\n", *kubeconfig, err)
		return 1
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		fmt.Fprintf(os.Stderr, "cannot connect with %s: %v\n", *kubeconfig, err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// One process per cluster: an election would only cost seconds at each start. Without a metrics port it listens nowhere.
	provisioner := controller.NewProvisionController(ctx, client, *name, &localPath{root: *root, node: *node},
		controller.LeaderElection(false))
	provisioner.Run(ctx)
	return 0
}
