"""What customers are worth and how they rate: recommendation, satisfaction index, effort, features, value, churn."""
