"""Lists that managers brought: what each brought, and taking back what nobody has used since."""
