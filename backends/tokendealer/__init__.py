"""The token dealer: issues access tokens to clients (OAuth 2 client credentials grant)."""
