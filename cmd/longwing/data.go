package main

import "github.com/spf13/cobra"

func newDataCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "data",
		Short: "describe, split, balance, draw and decode sets of pictures",
		Long: `Data works on sets of pictures: a folder that holds one folder per class, or a kit (train.csv, test.csv,
class_codes.csv, imgs/<id>).`,
		Example: `  longwing data describe flowers
  longwing data store flowers --size 224 --out flowers-224.store`,
	}
	command.AddCommand(
		newDataDescribeCommand(),
		newDataSplitCommand(),
		newDataClustersCommand(),
		newDataPlanCommand(),
		newDataWeightsCommand(),
		newDataStoreCommand(),
		newDataGardenCommand(), newDataThinCommand(),
	)
	return command
}
