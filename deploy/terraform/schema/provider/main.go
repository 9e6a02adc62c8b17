// A stand-in for the Google provider that knows its schema and nothing else, so that
// `terraform validate` and `terraform test` (with mock_provider) run where the registry cannot be
// reached. WALPULSE_PROVIDER_SCHEMA names google.json; see extract.py for where that comes from.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type attribute struct {
	Type     any  `json:"type"`
	Required bool `json:"required"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	Blocks     map[string]block     `json:"blocks"`
	Computed   []string             `json:"computed"`
	Required   bool                 `json:"required"`
	List       bool                 `json:"list"`
	Struct     bool                 `json:"struct"`
}

type published struct {
	Resources map[string]block `json:"resources"`
	Data      map[string]block `json:"data"`
}

func typeOf(name any) tftypes.Type {
	switch known := name.(type) {
	case string:
		switch known {
		case "string":
			return tftypes.String
		case "number":
			return tftypes.Number
		case "bool":
			return tftypes.Bool
		}
	case []any:
		if known[0] == "list" {
			return tftypes.List{ElementType: typeOf(known[1])}
		}
		return tftypes.Map{ElementType: typeOf(known[1])}
	}
	return tftypes.DynamicPseudoType
}

func schemaOf(from block) *tfprotov5.SchemaBlock {
	out := &tfprotov5.SchemaBlock{}
	for name, each := range from.Attributes {
		writeOnly := strings.HasSuffix(name, "_wo")
		out.Attributes = append(out.Attributes, &tfprotov5.SchemaAttribute{
			Name: name, Type: typeOf(each.Type), Required: each.Required, Optional: !each.Required,
			Computed: !each.Required && !writeOnly, WriteOnly: writeOnly, Sensitive: writeOnly,
		})
	}
	for _, name := range from.Computed {
		out.Attributes = append(out.Attributes, &tfprotov5.SchemaAttribute{
			Name: name, Type: tftypes.DynamicPseudoType, Computed: true,
		})
	}
	for name, each := range from.Blocks {
		nested := &tfprotov5.SchemaNestedBlock{
			TypeName: name, Block: schemaOf(each), Nesting: tfprotov5.SchemaNestedBlockNestingModeList,
		}
		if each.Struct {
			nested.Nesting = tfprotov5.SchemaNestedBlockNestingModeSingle
		} else if !each.List {
			nested.MaxItems = 1
		}
		if each.Required {
			nested.MinItems = 1
		}
		out.BlockTypes = append(out.BlockTypes, nested)
	}
	return out
}

func schemasOf(from map[string]block) map[string]*tfprotov5.Schema {
	out := map[string]*tfprotov5.Schema{}
	for name, each := range from {
		out[name] = &tfprotov5.Schema{Block: schemaOf(each)}
	}
	return out
}

// What is not implemented here is never called by validate, nor by test with mock_provider.
type standIn struct {
	tfprotov5.ProviderServer
	published published
}

func (p standIn) GetMetadata(context.Context, *tfprotov5.GetMetadataRequest) (*tfprotov5.GetMetadataResponse, error) {
	return &tfprotov5.GetMetadataResponse{}, nil
}

func (p standIn) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	settings := block{Attributes: map[string]attribute{"project": {Type: "string"}, "region": {Type: "string"}}}
	return &tfprotov5.GetProviderSchemaResponse{
		Provider:          &tfprotov5.Schema{Block: schemaOf(settings)},
		ResourceSchemas:   schemasOf(p.published.Resources),
		DataSourceSchemas: schemasOf(p.published.Data),
	}, nil
}

func (p standIn) GetResourceIdentitySchemas(context.Context, *tfprotov5.GetResourceIdentitySchemasRequest) (*tfprotov5.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov5.GetResourceIdentitySchemasResponse{}, nil
}

func (p standIn) PrepareProviderConfig(_ context.Context, in *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: in.Config}, nil
}

func (p standIn) ValidateResourceTypeConfig(context.Context, *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	return &tfprotov5.ValidateResourceTypeConfigResponse{}, nil
}

func (p standIn) ValidateDataSourceConfig(context.Context, *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	return &tfprotov5.ValidateDataSourceConfigResponse{}, nil
}

func (p standIn) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}

func main() {
	text, err := os.ReadFile(os.Getenv("WALPULSE_PROVIDER_SCHEMA"))
	provider := standIn{}
	if err == nil {
		err = json.Unmarshal(text, &provider.published)
	}
	if err == nil {
		err = tf5server.Serve("registry.terraform.io/hashicorp/google",
			func() tfprotov5.ProviderServer { return provider })
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "set WALPULSE_PROVIDER_SCHEMA to deploy/terraform/schema/google.json:", err)
		os.Exit(1)
	}
}
